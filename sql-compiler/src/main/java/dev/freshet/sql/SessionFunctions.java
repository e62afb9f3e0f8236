package dev.freshet.sql;

import static dev.freshet.sql.SessionSetting.BYTEA_OUTPUT;
import static dev.freshet.sql.SessionSetting.DATE_STYLE;
import static dev.freshet.sql.SessionSetting.INTERVAL_STYLE;
import static dev.freshet.sql.SessionSetting.LC_MONETARY;
import static dev.freshet.sql.SessionSetting.LC_NUMERIC;
import static dev.freshet.sql.SessionSetting.LC_TIME;
import static dev.freshet.sql.SessionSetting.TEXT_SEARCH_CONFIG;
import static dev.freshet.sql.SessionSetting.TIME_ZONE;
import static dev.freshet.sql.SessionSetting.XML_BINARY;
import static dev.freshet.sql.SessionSetting.XML_OPTION;

import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Functions of pg_catalog, 15 to 18, that are STABLE for no other reason than that they read
 * settings of the session. With these pinned they are as good as IMMUTABLE. Whatever is not listed
 * is STABLE: what reads the catalogs ({@code regclass}), the clock ({@code age} of one argument,
 * {@code timetz(time)}), or texts in which {@code 'now'} and {@code 'today'} mean the clock ({@code
 * timestamptz_in}).
 *
 * <p>A few that PostgreSQL calls IMMUTABLE read settings too, and are listed for these.
 */
final class SessionFunctions {
  private static final String TZ = "timestamp with time zone";
  private static final String TS = "timestamp without time zone";

  private static final Map<String, Set<SessionSetting>> SETTINGS = new HashMap<>();

  /** Print values of any type, so they are what the types' output functions are. */
  private static final Set<String> PRINTING =
      Set.of(
          "anytextcat(anynonarray,text)",
          "textanycat(text,anynonarray)",
          "quote_literal(anyelement)",
          "quote_nullable(anyelement)",
          "concat(\"any\")",
          "concat_ws(text,\"any\")",
          "format(text,\"any\")",
          "array_to_string(anyarray,text)",
          "array_to_string(anyarray,text,text)",
          "array_to_json(anyarray)",
          "array_to_json(anyarray,boolean)",
          "row_to_json(record)",
          "row_to_json(record,boolean)",
          "to_json(anyelement)",
          "to_jsonb(anyelement)",
          "json_build_array(\"any\")",
          "json_build_object(\"any\")",
          "jsonb_build_array(\"any\")",
          "jsonb_build_object(\"any\")",
          "json_agg(anyelement)",
          "json_agg_strict(anyelement)",
          "json_object_agg(\"any\",\"any\")",
          "json_object_agg_strict(\"any\",\"any\")",
          "json_object_agg_unique(\"any\",\"any\")",
          "json_object_agg_unique_strict(\"any\",\"any\")",
          "jsonb_agg(anyelement)",
          "jsonb_agg_strict(anyelement)",
          "jsonb_object_agg(\"any\",\"any\")",
          "jsonb_object_agg_strict(\"any\",\"any\")",
          "jsonb_object_agg_unique(\"any\",\"any\")",
          "jsonb_object_agg_unique_strict(\"any\",\"any\")",
          "XMLELEMENT, XMLFOREST or XMLSERIALIZE");

  static {
    // Dates and times.
    list(TIME_ZONE, "date(" + TZ + ")", "\"time\"(" + TZ + ")", "timetz(" + TZ + ")");
    list(TIME_ZONE, "\"timestamp\"(" + TZ + ")", "timestamptz(" + TS + ")", "timestamptz(date)");
    list(TIME_ZONE, "timestamptz(date,time without time zone)");
    list(TIME_ZONE, "\"extract\"(text," + TZ + ")", "date_part(text," + TZ + ")");
    list(TIME_ZONE, "date_trunc(text," + TZ + ")");
    list(TIME_ZONE, "timestamptz_pl_interval(" + TZ + ",interval)");
    list(TIME_ZONE, "timestamptz_mi_interval(" + TZ + ",interval)");
    list(TIME_ZONE, "interval_pl_timestamptz(interval," + TZ + ")");
    list(TIME_ZONE, "date_add(" + TZ + ",interval)", "date_subtract(" + TZ + ",interval)");
    list(TIME_ZONE, "generate_series(" + TZ + "," + TZ + ",interval)");
    list(TIME_ZONE, "in_range(" + TZ + "," + TZ + ",interval,boolean,boolean)");
    list(TIME_ZONE, "\"overlaps\"(" + TZ + ",interval," + TZ + ",interval)");
    list(TIME_ZONE, "\"overlaps\"(" + TZ + ",interval," + TZ + "," + TZ + ")");
    list(TIME_ZONE, "\"overlaps\"(" + TZ + "," + TZ + "," + TZ + ",interval)");
    list(TIME_ZONE, "make_timestamptz(integer,integer,integer,integer,integer,double precision)");
    list(TIME_ZONE, "timezone(" + TZ + ")", "timezone(" + TS + ")");
    list("date_trunc(text," + TZ + ",text)");
    list("make_timestamptz(integer,integer,integer,integer,integer,double precision,text)");
    for (String comparison : new String[] {"lt", "le", "eq", "ne", "ge", "gt", "cmp"}) {
      list(TIME_ZONE, "date_" + comparison + "_timestamptz(date," + TZ + ")");
      list(TIME_ZONE, "timestamptz_" + comparison + "_date(" + TZ + ",date)");
      list(TIME_ZONE, "timestamp_" + comparison + "_timestamptz(" + TS + "," + TZ + ")");
      list(TIME_ZONE, "timestamptz_" + comparison + "_timestamp(" + TZ + "," + TS + ")");
    }
    for (String suffix : new String[] {"exists", "match", "query", "query_array", "query_first"}) {
      list(TIME_ZONE, "jsonb_path_" + suffix + "_tz(jsonb,jsonpath,jsonb,boolean)");
    }
    // Printed by pattern.
    list(Set.of(TIME_ZONE, LC_TIME), "to_char(" + TZ + ",text)");
    list(LC_TIME, "to_char(" + TS + ",text)", "to_char(interval,text)", "to_date(text,text)");
    list(Set.of(TIME_ZONE, LC_TIME), "to_timestamp(text,text)");
    for (String number :
        new String[] {"bigint", "integer", "numeric", "real", "double precision"}) {
      list(Set.of(LC_NUMERIC, LC_MONETARY), "to_char(" + number + ",text)");
    }
    list(Set.of(LC_NUMERIC, LC_MONETARY), "to_number(text,text)");
    // Types to and from text.
    list(Set.of(TIME_ZONE, DATE_STYLE), "timestamptz_out(" + TZ + ")");
    list(DATE_STYLE, "timestamp_out(" + TS + ")", "date_out(date)");
    list(INTERVAL_STYLE, "interval_out(interval)", "interval_in(cstring,oid,integer)");
    list(BYTEA_OUTPUT, "byteaout(bytea)");
    list(LC_MONETARY, "cash_out(money)", "cash_in(cstring)", "\"numeric\"(money)");
    list(LC_MONETARY, "money(bigint)", "money(integer)", "money(numeric)", "cash_words(money)");
    list(XML_OPTION, "xml_in(cstring)", "xml(text)", "xml_is_well_formed(text)");
    list("json_in(cstring)", "json_out(json)", "format(text)");
    list("json_build_array()", "json_build_object()");
    list("jsonb_build_array()", "jsonb_build_object()");
    // What their elements and fields are is looked at by itself.
    list("array_out(anyarray)", "array_in(cstring,oid,integer)");
    list("record_out(record)", "record_in(cstring,oid,integer)");
    list("range_out(anyrange)", "range_in(cstring,oid,integer)");
    list("multirange_out(anymultirange)", "multirange_in(cstring,oid,integer)");
    list("domain_in(cstring,oid,integer)");
    // Text search.
    list(TEXT_SEARCH_CONFIG, "to_tsvector(text)", "to_tsvector(json)", "to_tsvector(jsonb)");
    list(TEXT_SEARCH_CONFIG, "json_to_tsvector(json,jsonb)", "jsonb_to_tsvector(jsonb,jsonb)");
    list(TEXT_SEARCH_CONFIG, "to_tsquery(text)", "plainto_tsquery(text)");
    list(TEXT_SEARCH_CONFIG, "phraseto_tsquery(text)", "websearch_to_tsquery(text)");
    list(TEXT_SEARCH_CONFIG, "ts_match_tt(text,text)", "ts_match_tq(text,tsquery)");
    list(TEXT_SEARCH_CONFIG, "ts_headline(text,tsquery)", "ts_headline(text,tsquery,text)");
    list(TEXT_SEARCH_CONFIG, "ts_headline(json,tsquery)", "ts_headline(json,tsquery,text)");
    list(TEXT_SEARCH_CONFIG, "ts_headline(jsonb,tsquery)", "ts_headline(jsonb,tsquery,text)");
  }

  /** Read the labels of an enum, or their order, from the catalogs. */
  private static final Set<String> OF_ENUMS =
      Set.of(
          "enum_out(anyenum)",
          "enum_in(cstring,oid)",
          "enum_first(anyenum)",
          "enum_last(anyenum)",
          "enum_range(anyenum)",
          "enum_range(anyenum,anyenum)");

  private SessionFunctions() {}

  private static void list(String signature, String... more) {
    list(Set.of(), signature);
    for (String another : more) {
      list(Set.of(), another);
    }
  }

  private static void list(SessionSetting setting, String... signatures) {
    list(Set.of(setting), signatures);
  }

  private static void list(Set<SessionSetting> settings, String... signatures) {
    for (String signature : signatures) {
      SETTINGS.put(signature, settings);
    }
  }

  /** The settings that it reads, if it depends on nothing else. */
  static Optional<Set<SessionSetting>> settings(String signature) {
    return Optional.ofNullable(SETTINGS.get(signature));
  }

  /** Whether it depends on nothing but the labels of an enum. */
  static boolean readsEnum(String signature) {
    return OF_ENUMS.contains(signature);
  }

  /** Whether it prints values of any type. */
  static boolean prints(String signature) {
    return PRINTING.contains(signature);
  }

  /** The settings that printing in one of the ways above reads besides those of the types. */
  static Set<SessionSetting> ofPrinting(String signature) {
    return signature.startsWith("XML")
        ? EnumSet.of(XML_BINARY, TIME_ZONE)
        : signature.contains("json") ? EnumSet.of(TIME_ZONE) : Collections.emptySet();
  }
}
