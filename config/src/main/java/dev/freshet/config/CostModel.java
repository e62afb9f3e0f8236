package dev.freshet.config;

/** Whether the choice between delta and full also learns from what refreshes cost. */
public enum CostModel implements Choice {
  AUTO,
  OFF
}
