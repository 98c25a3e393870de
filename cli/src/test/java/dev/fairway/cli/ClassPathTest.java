package dev.fairway.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The launcher starts all commands but `up`, `demo` and `down` without the server's libraries.
final class ClassPathTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.fairway.cli");

  private static final DescribedPredicate<JavaClass> OF_THE_SERVER =
      belongToAnyOf(
          UpCommand.class,
          DemoCommand.class,
          DownCommand.class,
          Demo.class,
          Installation.class,
          InstallationOptions.class,
          People.class,
          ServerWarmUp.class,
          WarmUpCommand.class);

  @Test
  void commandsUseNoLibraryThatTheAgentDoesNotHave() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "javax..",
            "com.sun.net.httpserver..",
            "sun.misc..",
            "dev.fairway..",
            "picocli..",
            "tools.jackson..",
            "org.jspecify..",
            "org.slf4j..")
        .check(CLASSES);
  }

  @Test
  void commandsUseNothingOfTheServer() {
    noClasses()
        .that(not(OF_THE_SERVER))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.fairway.server..", "dev.fairway.proxy..")
        .check(CLASSES);
  }
}
