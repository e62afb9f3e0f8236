package dev.freshet.embedded;

/** The major versions of PostgreSQL that Freshet supports, oldest first. */
public enum PgVersion {
  V15(15),
  V16(16),
  V17(17),
  V18(18);

  private final int major;

  PgVersion(int major) {
    this.major = major;
  }

  /** The major version number: 15 to 18. */
  public int major() {
    return major;
  }

  /** Whether this version is {@code other} or newer. */
  public boolean isAtLeast(PgVersion other) {
    return compareTo(other) >= 0;
  }

  /**
   * The version with the given major number.
   *
   * @throws IllegalArgumentException when Freshet does not support it
   */
  public static PgVersion ofMajor(int major) {
    for (PgVersion version : values()) {
      if (version.major == major) {
        return version;
      }
    }
    throw new IllegalArgumentException(
        "PostgreSQL %d is not one of the supported versions 15 to 18".formatted(major));
  }

  @Override
  public String toString() {
    return "PostgreSQL " + major;
  }
}
