/**
 * The command line {@code freshet}: reads options and configuration, asks the engine, and shows the
 * answer to a person or, with {@code --json}, to a program.
 *
 * <p>Nothing is decided here: each command becomes one {@link dev.freshet.engine.control.Command},
 * a running {@link dev.freshet.engine.Engine} or a check of {@code dev.freshet.engine.setup}.
 * Connection options are those of {@code psql} (PostgreSQL manual, "psql"), errors are laid out as
 * libpq lays them out (manual, "Error Message Style Guide").
 */
@NullMarked
package dev.freshet.cli;

import org.jspecify.annotations.NullMarked;
