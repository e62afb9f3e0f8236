package dev.freshet.engine;

/** The version of this build, from the jar's manifest. */
public final class Version {
  private static final String UNPACKAGED = "development";

  private Version() {}

  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? UNPACKAGED : version;
  }
}
