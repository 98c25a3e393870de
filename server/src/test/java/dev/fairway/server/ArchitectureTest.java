package dev.fairway.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Holds the code to the table of docs/architecture.md.
final class ArchitectureTest {
  private static final String ROOT = "dev.fairway.server";
  private static final Pattern ROW =
      Pattern.compile("^\\| `server(?:\\.([a-z.]+))?` \\| .* \\| (.*) \\|$");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.fairway");

  @Test
  void packagesImportOnlyWhatTheTableAllows() throws IOException {
    var table = table();

    classes().that().resideInAPackage(ROOT + ".(**)").should(importOnly(table)).check(CLASSES);
  }

  @Test
  void theTableNamesEveryPackage() throws IOException {
    var named = table().keySet();

    var found =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith(ROOT + "."))
            .map(name -> owner(name, named))
            .collect(Collectors.toSet());

    assertThat(named).containsAll(found);
  }

  @Test
  void onlyHttpAndWebKnowTheHttpServer() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "..")
        .and()
        .resideOutsideOfPackages(ROOT + ".http..", ROOT + ".web..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "org.eclipse.jetty..")
        .check(CLASSES);
  }

  @Test
  void onlyEvidenceKnowsTheLedgerAndOnlyRunTheWorkflowLanguage() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "..")
        .and()
        .resideOutsideOfPackages(ROOT + ".evidence..", ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fairway.ledger..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "..")
        .and()
        .resideOutsideOfPackages(ROOT + ".run..", ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fairway.workflow..")
        .check(CLASSES);
  }

  @Test
  void nobodySleeps() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    noClasses().should().callMethod(Thread.class, "sleep", java.time.Duration.class).check(CLASSES);
  }

  @Test
  void namesSayWhatAClassIs() {
    noClasses()
        .that()
        .resideOutsideOfPackage("gg.jte..")
        .should()
        .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    var unmarked =
        CLASSES.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(each -> !each.isAnnotatedWith(NullMarked.class))
            .map(each -> each.getName())
            .filter(name -> name.startsWith("dev.fairway"))
            .filter(name -> !name.contains(".jte"))
            .toList();

    assertThat(unmarked).isEmpty();
  }

  /// What each package may import, by its name below the root, from the table.
  private static Map<String, Set<String>> table() throws IOException {
    var allowed = new LinkedHashMap<String, Set<String>>();
    for (var line : Files.readAllLines(Path.of("..", "docs", "architecture.md"))) {
      var row = ROW.matcher(line);
      if (!row.matches() || row.group(1) == null) {
        continue;
      }
      allowed.put(row.group(1), imports(row.group(2), allowed.keySet()));
    }
    return allowed;
  }

  private static Set<String> imports(String cell, Set<String> above) {
    if (cell.equals("the above")) {
      return new LinkedHashSet<>(above);
    }
    var names = new LinkedHashSet<String>();
    var quoted = Pattern.compile("`([a-z.]+)`").matcher(cell);
    while (quoted.find()) {
      names.add(quoted.group(1));
    }
    return names;
  }

  /// The row that a package belongs to: the longest name that it starts with.
  private static String owner(String packageName, Set<String> named) {
    var name = packageName.substring(ROOT.length() + 1);
    return named.stream()
        .filter(each -> name.equals(each) || name.startsWith(each + "."))
        .max(Comparator.comparingInt(String::length))
        .orElse(name);
  }

  private static ArchCondition<JavaClass> importOnly(Map<String, Set<String>> table) {
    return new ArchCondition<>("import only what docs/architecture.md allows") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        var owner = owner(item.getPackageName(), table.keySet());
        var allowed = new ArrayList<>(table.getOrDefault(owner, Set.of()));
        allowed.add(owner);
        for (var dependency : item.getDirectDependenciesFromSelf()) {
          var target = dependency.getTargetClass().getPackageName();
          if (target.equals(ROOT)
              || (target.startsWith(ROOT + ".")
                  && !allowed.contains(owner(target, table.keySet())))) {
            events.add(SimpleConditionEvent.violated(item, dependency.getDescription()));
          }
        }
      }
    };
  }

  /// The rows are read at all: without this, a changed heading would make every rule above hold.
  @Test
  void readsTheTable() throws IOException {
    assertThat(table())
        .containsEntry("db", Set.of())
        .containsEntry("web", Set.of("db", "http"))
        .hasSizeGreaterThan(8);
    assertThat(table().get("insight")).containsAll(List.of("delivery", "run", "db"));
  }
}
