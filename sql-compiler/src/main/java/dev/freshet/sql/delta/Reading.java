package dev.freshet.sql.delta;

import dev.freshet.sql.tree.Operator;

/**
 * A tree that a refresh evaluates.
 *
 * @param name of the step that it is, by which later trees read it; empty if none does
 */
public record Reading(String name, Operator tree) {}
