/**
 * From PostgreSQL's definition text to an operator tree.
 *
 * <p>{@code pg_get_viewdef} prints regular SQL: keywords in capitals, other names quoted unless
 * they are lower-case words, every operator expression in parentheses (ruleutils.c). So a lexer
 * alone can cut out the scalar expressions. What remains, a skeleton of keywords, commas and
 * parentheses, is parsed by JSQLParser, which never sees an operator it could misread, and is
 * printed back with the expressions in place: PostgreSQL must then read the same query (see {@link
 * dev.freshet.sql.parse.DefinitionReader}).
 */
@NullMarked
package dev.freshet.sql.parse;

import org.jspecify.annotations.NullMarked;
