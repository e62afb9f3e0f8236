package dev.freshet.config;

/** What is logged, and how. */
public record LogConfig(LogFormat format, LogLevel level) {}
