package dev.freshet.config;

/** The prose of the reference page. */
final class PageText {
  static final String HEAD =
      """
      # Configuration

      <!-- Generated from the registry of keys; do not edit.
           Rewrite with: mvn -pl config -am test -Dfreshet.update-reference=true -->

      Every key has a default: without any configuration Freshet serves the database that `psql`
      would connect to. All mistakes are reported at once, each with its place and what to write
      instead. A value that is out of range is refused, never changed.

      [`config/freshet.yaml`](../../config/freshet.yaml) shows all keys as a file to copy.

      ## Where values come from

      In rising priority:

      1. libpq's environment variables (`PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER`, `PGPASSWORD` and
         those named below) and password file (`~/.pgpass`, or `PGPASSFILE`); above the variables, the
         section of its service file that `database.service` or `PGSERVICE` names;
      2. the file `freshet.yaml`: the one named by `--config` or `FRESHET_CONFIG`, else the first that
         exists of `./freshet.yaml`, `$XDG_CONFIG_HOME/freshet/freshet.yaml` (`~/.config` where that is
         not set) and `/etc/freshet/freshet.yaml`;
      3. environment variables: `FRESHET_` and the key in capitals, with `_` for `.` and `-`;
      4. options of the command line: `--set key=value`, and options of their own for some keys.

      One source may set a key only once: a password beside a password file, or a port beside a URL
      that names one, is an error where both stand in the same source. A `FRESHET_…` variable that
      sets no key is an error, except `FRESHET_CONFIG`, those of the launcher (`FRESHET_JAVA_HOME`,
      `FRESHET_OPTS`, `FRESHET_CACHE`, `FRESHET_CLASSPATH`) and those that Kubernetes sets for a
      service called freshet.

      ## How values are written

      - **Durations** are whole numbers with units `ms`, `s`, `m`, `h`, `d`, the largest first:
        `500ms`, `1m30s`. Only `0` needs no unit.
      - **Sizes** are whole numbers with units `B`, `kB`, `MB`, `GB`, `TB`, powers of 1024 as in
        `postgresql.conf`; the case matters.
      - **Schedules** are an interval (`1s`; from the start of one refresh to the start of the next),
        a Unix cron expression of five fields (`"*/5 * * * *"`, also written
        `"cron: */5 * * * *"`), `continuous` (as soon as changes arrive, gathered for
        `refresh.debounce`), or `manual`. YAML needs quotes around a cron expression.
      - **Files**: a relative name in `freshet.yaml` starts from the folder of that file, anywhere else
        from the working directory.
      - **Passwords** are never shown, neither in logs nor in errors. Give them by
        `FRESHET_DATABASE_PASSWORD`, `database.password-file` or `~/.pgpass`. A `~/.pgpass` that others
        than its owner may read is ignored with a warning, as by libpq.

      """;

  static final String TAIL =
      """

      ## stream-tables

      A list, each element with a `name`, or a map by name. They cannot be given by environment
      variables or options.

      | key | values | meaning |
      |---|---|---|
      | `name` | `schema.table` | The stream table, written as in SQL: folded to lower case unless quoted. |
      | `query` | SQL | The defining query; a YAML block (`query: \\|`) keeps its lines. |
      | `query-file` | file | A file with the defining query, instead of `query`. |
      | any key of section `refresh` | as there | In force for this stream table alone: `schedule`, `mode`, `max-change-ratio` … |

      ```yaml
      stream-tables:
        - name: public.order_totals
          query: |
            SELECT customer_id, count(*) AS orders, sum(amount) AS total
            FROM public.orders
            GROUP BY customer_id
          schedule: 1s
          max-change-ratio: 0.3
      ```
      """;

  private PageText() {}
}
