package dev.freshet.engine;

import dev.freshet.config.CdcMode;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How the engine of a {@link FreshetExtension} captures changes, in the class and those in it. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface CapturedBy {
  CdcMode value();
}
