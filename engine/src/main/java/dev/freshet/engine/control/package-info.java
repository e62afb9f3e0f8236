/**
 * What can be asked of a running engine and what it answers, as plain records that travel as JSON
 * through the table {@code freshet.command}.
 */
@NullMarked
package dev.freshet.engine.control;

import org.jspecify.annotations.NullMarked;
