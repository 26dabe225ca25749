package io.sampo.bench.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory for one benchmark's log, on the disk that is asked for: the temporary directory may
 * be in memory, where a flush costs nothing. Closing removes it.
 */
record ScratchDirectory(Path path) implements AutoCloseable {
  /** Where scratch directories are made; bench/run sets it. */
  private static final String PARENT_PROPERTY = "sampo.bench.scratch";

  static ScratchDirectory make() throws IOException {
    String parent = System.getProperty(PARENT_PROPERTY);
    if (parent == null) {
      return new ScratchDirectory(Files.createTempDirectory("sampo-bench"));
    }
    return new ScratchDirectory(
        Files.createTempDirectory(Files.createDirectories(Path.of(parent)), "log"));
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
