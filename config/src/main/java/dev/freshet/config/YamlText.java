package dev.freshet.config;

/** The prose of the reference file. */
final class YamlText {
  static final String HEAD =
      """
      # freshet.yaml: every key of Freshet's configuration.
      #
      # A line that begins with "#" and no space after it shows a key with its default, or with an
      # example where the default is none. Remove the "#" to set it. As it stands, this file changes
      # nothing.
      #
      # Environment variables override this file (FRESHET_CDC_SLOT_NAME for cdc.slot-name), and
      # options of the command line override both.
      #
      # Durations have units: ms, s, m, h, d, also together (1m30s). Sizes have units: B, kB, MB, GB,
      # TB, as powers of 1024. Relative file names start from the folder of this file.
      #
      # This file is generated; docs/reference/configuration.md says the same as a page.
      """;

  static final String STREAM_TABLES =
      """

      # The stream tables: name and query, and any key of section refresh. A query may stand in a file
      # of its own (query-file). Stream tables can also be made with "freshet create".
      stream-tables:
        #- name: public.order_totals
        #  query: |
        #    SELECT customer_id, count(*) AS orders, sum(amount) AS total
        #    FROM public.orders
        #    GROUP BY customer_id
        #  schedule: 1s
        #  max-change-ratio: 0.3

        #- name: public.open_orders
        #  query-file: open_orders.sql
        #  schedule: continuous

        #- name: public.monthly_report
        #  query: SELECT date_trunc('month', ordered_at) AS month, sum(amount) FROM public.orders GROUP BY 1
        #  schedule: "0 3 * * *"
        #  mode: full
      """;

  private YamlText() {}
}
