package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node per directory. */
final class DataDirectoryTest {
  @TempDir Path root;

  @Test
  void aDirectoryIsMadeAndHeldUntilItIsGivenBack() throws Exception {
    Path path = root.resolve("a/b");
    try (DataDirectory held = DataDirectory.lock(path)) {
      assertThat(held.path()).isDirectory();
      assertThatThrownBy(() -> DataDirectory.lock(path))
          .isInstanceOf(StartFailedException.class)
          .hasMessageContaining(path.toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }

    DataDirectory.lock(path).close();
  }

  @Test
  void aFileInItsPlaceIsToldInWords() throws IOException {
    Path file = Files.createFile(root.resolve("file"));

    assertThatThrownBy(() -> DataDirectory.lock(file))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("can't be used");
  }
}
