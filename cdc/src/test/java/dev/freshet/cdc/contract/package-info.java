/** What every change source must do: the tests that each way of capturing passes. */
@NullMarked
package dev.freshet.cdc.contract;

import org.jspecify.annotations.NullMarked;
