package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretFormsTest {
  /// What is left out for it would be the secret itself in each form.
  @Test
  void aSecretThatNeedsNoQuotesHasNone() {
    assertThat(SecretForms.text("fwj_A-z.0_9"))
        .containsExactly("66776a5f412d7a2e305f39", "66776A5F412D7A2E305F39");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a/b", "a+b", "a*b", "a~b", "a\"b", "a'b", "ä", "a\nb", "a%b"})
  void anyOtherHasForms(String secret) {
    assertThat(SecretForms.text(secret)).hasSizeGreaterThan(2).doesNotContain("");
  }
}
