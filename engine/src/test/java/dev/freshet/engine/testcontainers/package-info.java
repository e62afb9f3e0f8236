/**
 * PostgreSQL from the official container images instead of unpacked binaries, where Docker runs:
 * {@code mvn verify -Dfreshet.test.provider=testcontainers} runs every test that takes its database
 * from {@link dev.freshet.embedded.SharedServer} against them. Without Docker the tests of this
 * package are skipped.
 */
@NullMarked
package dev.freshet.engine.testcontainers;

import org.jspecify.annotations.NullMarked;
