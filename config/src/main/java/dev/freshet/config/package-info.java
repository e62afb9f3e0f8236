/**
 * Freshet's configuration: typed, with defaults, checked as a whole before anything is started.
 *
 * <p>Values come from {@code freshet.yaml}, from environment variables {@code FRESHET_…} and from
 * the command line, in rising priority; underneath lie libpq's own variables ({@code PGHOST} …) and
 * password file (PostgreSQL manual, "libpq: Environment Variables" and "The Password File"), so
 * that whoever can run psql can run Freshet. Units follow {@code postgresql.conf} (manual,
 * "Parameter Names and Values"): {@code kB}, {@code MB} and so on are powers of 1024, and case
 * matters.
 *
 * <p>Every key is declared once, in {@link dev.freshet.config.Settings}: its type, range, default
 * and description. The loader, the checks, the reference page and the reference file are all
 * derived from that declaration. The flow is one way:
 *
 * <pre>
 *   yaml, environment, options → text with its place → checked value → FreshetConfig
 * </pre>
 *
 * <p>A mistake never stops the reading: {@link dev.freshet.config.ConfigException} carries every
 * {@link dev.freshet.config.ConfigProblem} that was found. A value is taken as it is written or
 * refused, never changed to fit a range.
 */
@NullMarked
package dev.freshet.config;

import org.jspecify.annotations.NullMarked;
