package dev.freshet.cdc.debezium;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.data.SpecialValueDecimal;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Takes over the conversion of every column: a value becomes the bytes of its type's send function
 * where Debezium hands out an object that says as much, or its output text, untouched.
 *
 * <p>Debezium makes an instance by name, so this class is public. The schema of each field tells
 * the type and the format: see {@link #TYPE} and {@link #FORMAT}.
 */
public final class SendFormatConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {
  /** Schema parameter: the type's oid; of a domain, its base type's. */
  static final String TYPE = "freshet.type";

  /** Schema parameter: {@link #BINARY}, {@link #TEXT}, or {@link #NOT_CARRIED}. */
  static final String FORMAT = "freshet.format";

  static final String BINARY = "b";
  static final String TEXT = "t";

  /** Debezium has already made something poorer of the value. */
  static final String NOT_CARRIED = "n";

  /** Stands for a TOASTed value that an update did not change; recognised by its identity. */
  static final byte[] UNCHANGED = {};

  private static final byte[] NOTHING = {};

  /** Makes the bytes of one value that is neither NULL nor unchanged. */
  @FunctionalInterface
  private interface Encoder {
    byte[] encode(Object value);
  }

  /** Nothing to configure. */
  @Override
  public void configure(Properties properties) {}

  @Override
  public void converterFor(
      RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
    Optional<Encoder> binary = binary(column.nativeType());
    boolean refused =
        column.jdbcType() == Types.ARRAY || RefusedColumns.isParsed(column.typeName());
    String format = binary.isPresent() ? BINARY : refused ? NOT_CARRIED : TEXT;
    Encoder encoder = binary.orElse(refused ? _ -> NOTHING : SendFormatConverter::text);
    SchemaBuilder schema =
        SchemaBuilder.bytes()
            .optional()
            .parameter(TYPE, Integer.toString(column.nativeType()))
            .parameter(FORMAT, format);
    registration.register(schema, new Conversion(encoder, column.defaultValue() != null));
  }

  /** Converts the values of one column. */
  private static final class Conversion implements Converter {
    private final Encoder encoder;
    private boolean defaultComesFirst;

    /**
     * @param hasDefault the column's default is converted once, before any value, and may be an
     *     object of another kind; nobody reads it
     */
    Conversion(Encoder encoder, boolean hasDefault) {
      this.encoder = encoder;
      this.defaultComesFirst = hasDefault;
    }

    @Override
    public @Nullable Object convert(@Nullable Object value) {
      if (defaultComesFirst) {
        defaultComesFirst = false;
        return NOTHING;
      }
      if (value == null) {
        return null;
      }
      return UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)
          ? UNCHANGED
          : encoder.encode(value);
    }
  }

  private static byte[] text(Object value) {
    return SendFormat.text(value.toString());
  }

  /** By the oids of {@code pg_type.dat}. */
  private static Optional<Encoder> binary(int type) {
    return Optional.ofNullable(
        switch (type) {
          case 16 -> value -> SendFormat.bool((Boolean) value);
          case 17 -> SendFormatConverter::bytea;
          case 20 -> value -> SendFormat.int8(((Number) value).longValue());
          case 21 -> value -> SendFormat.int2(((Number) value).intValue());
          case 23, 26 -> value -> SendFormat.int4((int) ((Number) value).longValue());
          case 19, 25, 114, 1042, 1043 -> SendFormatConverter::text;
          case 700 -> value -> SendFormat.float4(((Number) value).floatValue());
          case 701 -> value -> SendFormat.float8(((Number) value).doubleValue());
          case 1082 -> value -> date((LocalDate) value);
          case 1083 -> value -> SendFormat.time((String) value);
          case 1114 -> value -> timestamp((Instant) value);
          case 1184 -> value -> timestamp((OffsetDateTime) value);
          case 1700 -> SendFormatConverter::numeric;
          case 2950 -> value -> SendFormat.uuid((String) value);
          case 3802 -> value -> SendFormat.jsonb((String) value);
          default -> null;
        });
  }

  private static byte[] bytea(Object value) {
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    return (byte[]) value;
  }

  private static byte[] numeric(Object value) {
    if (value instanceof BigDecimal number) {
      return SendFormat.numeric(number);
    }
    SpecialValueDecimal decimal = (SpecialValueDecimal) value;
    Optional<BigDecimal> finite = decimal.getDecimalValue();
    if (finite.isPresent()) {
      return SendFormat.numeric(finite.get());
    }
    if (decimal.equals(SpecialValueDecimal.NOT_A_NUMBER)) {
      return SendFormat.notANumber();
    }
    return SendFormat.infiniteNumeric(decimal.equals(SpecialValueDecimal.POSITIVE_INF));
  }

  // Infinity is known by the identity of Debezium's constants: one of them equals a finite time.

  @SuppressWarnings("ReferenceEquality")
  private static byte[] date(LocalDate value) {
    boolean positive = value == PostgresValueConverter.POSITIVE_INFINITY_LOCAL_DATE;
    return positive || value == PostgresValueConverter.NEGATIVE_INFINITY_LOCAL_DATE
        ? SendFormat.infiniteDate(positive)
        : SendFormat.date(value);
  }

  @SuppressWarnings("ReferenceEquality")
  private static byte[] timestamp(Instant value) {
    boolean positive = value == PostgresValueConverter.POSITIVE_INFINITY_INSTANT;
    return positive || value == PostgresValueConverter.NEGATIVE_INFINITY_INSTANT
        ? SendFormat.infiniteTimestamp(positive)
        : SendFormat.timestamp(value);
  }

  @SuppressWarnings("ReferenceEquality")
  private static byte[] timestamp(OffsetDateTime value) {
    boolean positive = value == PostgresValueConverter.POSITIVE_INFINITY_OFFSET_DATE_TIME;
    return positive || value == PostgresValueConverter.NEGATIVE_INFINITY_OFFSET_DATE_TIME
        ? SendFormat.infiniteTimestamp(positive)
        : SendFormat.timestamp(value);
  }
}
