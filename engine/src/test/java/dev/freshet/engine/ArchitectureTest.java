package dev.freshet.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between modules, as the design draws them. */
class ArchitectureTest {
  private static final String CONFIG = "dev.freshet.config..";
  private static final String COMPILER = "dev.freshet.sql..";
  private static final String CDC = "dev.freshet.cdc..";
  private static final String ENGINE = "dev.freshet.engine..";
  private static final String CLI = "dev.freshet.cli..";

  private static final JavaClasses FRESHET =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.freshet");

  @Test
  void configurationDependsOnNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage(CONFIG)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(COMPILER, CDC, ENGINE, CLI)
        .check(FRESHET);
  }

  @Test
  void compilerKnowsNeitherServersNorChanges() {
    noClasses()
        .that()
        .resideInAPackage(COMPILER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            CONFIG, CDC, ENGINE, CLI, "java.sql..", "javax.sql..", "org.postgresql..")
        .check(FRESHET);
  }

  @Test
  void captureKnowsNeitherQueriesNorRefreshes() {
    noClasses()
        .that()
        .resideInAPackage(CDC)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CONFIG, COMPILER, ENGINE, CLI)
        .check(FRESHET);
  }

  @Test
  void parserIsKnownToTheCompilerAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage(COMPILER)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("net.sf.jsqlparser..")
        .check(FRESHET);
  }

  @Test
  void engineDoesNotKnowItsCommandLineOrItsBenchmarks() {
    noClasses()
        .that()
        .resideInAPackage(ENGINE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            CLI,
            "dev.freshet.bench..",
            "dev.freshet.chaos..",
            "dev.freshet.demo..",
            "dev.freshet.embedded..")
        .check(FRESHET);
  }

  @Test
  void commandLineReachesTheEngineThroughItsContract() {
    classes()
        .that()
        .resideInAnyPackage("dev.freshet.engine.refresh..", "dev.freshet.engine.analysis..")
        .should()
        .onlyBeAccessed()
        .byAnyPackage(ENGINE)
        .check(FRESHET);
  }

  @Test
  void packagesBelowTheEngineHaveNoCycles() {
    slices().matching("dev.freshet.engine.(*)..").should().beFreeOfCycles().check(FRESHET);
  }

  @Test
  void packagesOfCaptureHaveNoCycles() {
    slices().matching("dev.freshet.cdc.(*)..").should().beFreeOfCycles().check(FRESHET);
  }

  @Test
  void packagesOfTheCompilerHaveNoCycles() {
    slices().matching("dev.freshet.sql.(*)..").should().beFreeOfCycles().check(FRESHET);
  }
}
