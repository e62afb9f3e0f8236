package dev.freshet.engine.control;

import java.time.Instant;

/**
 * Something that befell the slot or the server, and what the engine made of it.
 *
 * @param cause what happened
 * @param outcome what was done: which stream tables are refilled, or that none had to be
 */
public record Incident(Instant at, String cause, String outcome) {}
