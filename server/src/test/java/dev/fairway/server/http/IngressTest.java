package dev.fairway.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IngressTest {
  private final Ingress behind =
      Ingress.of("https://fairway.example.org/", List.of("127.0.0.1", "::1", "10.0.0.7"));

  @Test
  void believesOnlyItsProxiesAboutTheClient() {
    assertThat(behind.client("127.0.0.1", "203.0.113.9")).isEqualTo("203.0.113.9");
    assertThat(behind.client("198.51.100.1", "203.0.113.9")).isEqualTo("198.51.100.1");
    assertThat(Ingress.STRAIGHT.client("127.0.0.1", "203.0.113.9")).isEqualTo("127.0.0.1");
    assertThat(behind.client("127.0.0.1", null)).isEqualTo("127.0.0.1");
  }

  @Test
  void takesTheLastAddressThatNoProxyHasWhateverTheClientWroteBefore() {
    assertThat(behind.client("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.7"))
        .isEqualTo("203.0.113.9");
    assertThat(behind.client("[0:0:0:0:0:0:0:1]", "2001:db8::9")).isEqualTo("2001:db8:0:0:0:0:0:9");
    assertThat(behind.client("127.0.0.1", "203.0.113.9, evil.example.org")).isEqualTo("127.0.0.1");
    assertThat(behind.client("127.0.0.1", "")).isEqualTo("127.0.0.1");
  }

  @Test
  void knowsWhetherPeopleComeByTls() {
    assertThat(behind.publicUrl()).contains(URI.create("https://fairway.example.org"));
    assertThat(behind.secure()).isTrue();
    assertThat(Ingress.of("http://fairway.internal:7070", List.of()).secure()).isFalse();
    assertThat(Ingress.STRAIGHT.secure()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fairway.example.org",
        "ftp://fairway.example.org",
        "https://",
        "https://fairway.example.org/ci",
        "https://me:word@fairway.example.org",
        "https://fairway.example.org?x=1",
        "https://fair way"
      })
  void refusesWhatIsNoAddressOfAServer(String url) {
    assertThatThrownBy(() -> Ingress.of(url, List.of()))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("is not the address of a server");
  }

  @Test
  void looksUpNoNames() {
    assertThatThrownBy(() -> Ingress.of("", List.of("proxy.example.org")))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("is not an address");
  }
}
