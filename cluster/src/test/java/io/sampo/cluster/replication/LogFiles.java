package io.sampo.cluster.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a crash leaves: the files as they are at this moment, without anybody closing them. */
public final class LogFiles {
  private LogFiles() {}

  /**
   * Copies a data folder while it is in use. A mapped write is in the page cache, so the copy holds
   * all that was written, as after a kill of the process.
   */
  public static void copyWhileRunning(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(
          file -> {
            Path target = to.resolve(from.relativize(file).toString());
            try {
              if (Files.isDirectory(file)) {
                Files.createDirectories(target);
              } else {
                Files.copy(file, target);
              }
            } catch (NoSuchFileException e) {
              // A file that is replaced by its next version was moved meanwhile; a crash may also
              // come before that.
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
