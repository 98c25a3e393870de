package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BuiltinActionTest {
  @Test
  void theActionsForArtifactsAndCachesTakeAllThatTheOriginalsDoOrSayWhatTheyTake() {
    assertThat(
            findings(
                """
                on: push
                jobs:
                  build:
                    runs-on: linux
                    steps:
                      - uses: actions/upload-artifact@v4
                        with: {path: a, retention-days: 5, overwrite: true, archive: true}
                      - uses: actions/download-artifact@v5
                        with:
                          run-id: ${{ github.run_id }}
                          repository: ${{ github.repository }}
                          github-token: ${{ github.token }}
                          artifact-ids: 1,2
                          digest-mismatch: ${{ github.actor }}
                          skip-decompress: false
                      - uses: actions/cache@v4
                        with: {path: a, key: b, upload-chunk-size: 32, enableCrossOsArchive: true}
                      - uses: actions/cache/restore@v4
                        with: {path: a, key: b, enableCrossOsArchive: true}
                      - uses: actions/cache/save@v4
                        with: {path: a, key: b, upload-chunk-size: 32, enableCrossOsArchive: true}
                      - uses: actions/download-artifact@v5
                        with:
                          digest-mismatch: warn
                          skip-decompress: true
                      - uses: actions/upload-artifact@v4
                        with:
                          path: a
                          archive: false
                      - uses: actions/cache@v4
                        with:
                          path: a
                          key: b
                          save-always: true
                """))
        .containsExactly(
            "ci.yml:24:11: The input 'digest-mismatch' of actions/download-artifact can only be"
                + " error",
            "ci.yml:25:11: The input 'skip-decompress' of actions/download-artifact can only be"
                + " false",
            "ci.yml:29:11: The input 'archive' of actions/upload-artifact can only be true",
            "ci.yml:34:11: The input 'save-always' of actions/cache can only be false");
  }
}
