package dev.freshet.chaos;

/** Something that must hold and does not: it ends the run, and is what the run has found. */
final class ChaosFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ChaosFailure(String message) {
    super(message);
  }
}
