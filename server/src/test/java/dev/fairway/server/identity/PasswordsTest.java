package dev.fairway.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

final class PasswordsTest {
  private final Secrets secrets = new Secrets(new SecureRandom());

  @Test
  void hashesAtTheRecommendedCost() {
    var passwords = new Passwords(secrets, HashingCost.RECOMMENDED);

    var hash = passwords.hash("ada", "four calm words here");

    assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    assertThat(passwords.matches("four calm words here", hash)).isTrue();
    assertThat(passwords.matches("four calm words there", hash)).isFalse();
  }

  @Test
  void aHashStaysValidWhenTheCostIsRaised() {
    var earlier = new Passwords(secrets, new HashingCost(64, 1));
    var hash = earlier.hash("ada", "four calm words here");

    var later = new Passwords(secrets, new HashingCost(128, 2));

    assertThat(later.matches("four calm words here", hash)).isTrue();
  }

  @Test
  void aPasswordBeyondTheLimitIsNotTheOneThatItBeginsWith() {
    var passwords = new Passwords(secrets, new HashingCost(64, 1));
    var longest = "calm word ".repeat(26).substring(0, Passwords.MAX_CHARS);
    var hash = passwords.hash("ada", longest);

    assertThat(passwords.matches(longest, hash)).isTrue();
    assertThat(passwords.matches(longest + "s", hash)).isFalse();
  }
}
