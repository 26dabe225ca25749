package io.sampo.storage.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the files of segments in front of where a log begins. May be repeated as often as need
 * be: the note of where the log begins is durable before, so what a crash leaves goes at the next
 * start.
 */
final class DroppedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(DroppedFiles.class);

  private DroppedFiles() {}

  static void delete(LogDirectory directory, long startPosition) throws IOException {
    for (Path file : directory.segmentFiles()) {
      if (LogDirectory.basePosition(file) < startPosition) {
        Files.deleteIfExists(file); // a log that begins anew meanwhile deletes them, too
      }
    }
    for (long base : directory.derivedFrom()) {
      if (base < startPosition) {
        Files.deleteIfExists(directory.indexFile(base));
        Files.deleteIfExists(directory.keyFile(base));
      }
    }
    for (Path file : directory.beforeFiles()) {
      if (file.compareTo(directory.beforeFile(startPosition)) < 0) { // names in the order of starts
        Files.deleteIfExists(file);
      }
    }
    directory.sync();
  }

  /** The same; what can't be deleted now goes with the next ones, or at the next start. */
  static void tryDelete(LogDirectory directory, long startPosition) {
    try {
      delete(directory, startPosition);
    } catch (IOException | RuntimeException e) { // nobody looks at the task's future
      LOG.warn("{}: what lies in front of {} can't be deleted", directory.path(), startPosition, e);
    }
  }
}
