import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.Arrays;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// Runs tests by name, `CLASS#METHOD`, where there is no Maven, and says of each how it ended.
final class Tests {
  private static int bad;

  public static void main(String[] names) {
    var request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(Arrays.stream(names).map(name -> selectMethod(name)).toList())
            .build();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                  // One that is left out has not been seen to work.
                  bad += result.getStatus() == TestExecutionResult.Status.SUCCESSFUL ? 0 : 1;
                  System.out.println(
                      "  "
                          + result.getStatus().name().toLowerCase()
                          + "  "
                          + test.getDisplayName()
                          + result.getThrowable().map(e -> ": " + e).orElse(""));
                }
              }
            });
    System.exit(bad == 0 ? 0 : 1);
  }
}
