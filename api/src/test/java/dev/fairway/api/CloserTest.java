package dev.fairway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class CloserTest {
  @Test
  void closesTheLastFirstAndAllOfThemThoughOneFails() {
    var closed = new ArrayList<String>();
    var closer = new Closer();
    closer.keep(() -> closed.add("database"));
    closer.keep(() -> {
      throw new IOException("stuck");
    });
    closer.keep(() -> closed.add("listener"));

    assertThatThrownBy(closer::close).hasSuppressedException(new IOException("stuck"));

    assertThat(closed).containsExactly("listener", "database");
  }
}
