package io.sampo.cluster.replication;

import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.recovery.ReplicaStateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of one replica: its promise, which also says whose it is, and beside it the log.
 * Whoever keeps the replicas makes it and looks at it; one thread, that may wait for the disk.
 *
 * <p>Always holds: the promise is written before anything else is, so a folder without one lost
 * what was in it, or never had anything.
 */
public final class ReplicaFolder {
  /** In front of a number: what is kept for people, and deleted by them. */
  private static final String SET_ASIDE = "set-aside-";

  private final Path path;

  public ReplicaFolder(CommitLogSettings settings, String logGroup) {
    this.path = settings.directoryOf(logGroup).toAbsolutePath().normalize();
  }

  public Path path() {
    return path;
  }

  /** Makes the folder of a new replica, durably. What may lie there already is set aside. */
  public void found(long disk) throws IOException {
    setAside();
    foundOrKeep(disk);
  }

  /** The same, unless it is there already, as it is in data of older versions. */
  public void foundOrKeep(long disk) throws IOException {
    createDurably(path);
    if (ReplicaStateFile.find(path) == null) {
      ReplicaStateFile.found(path, disk);
    }
  }

  /**
   * Whether what lies there is what a replica left there. A promise that can't be read doesn't say
   * that it isn't: opening the log tells what is wrong with it.
   */
  public boolean isOf(long disk) throws IOException {
    try {
      ReplicaStateFile state = ReplicaStateFile.find(path);
      return state != null && state.isOf(disk);
    } catch (CorruptLogException e) {
      return true;
    }
  }

  /** Whether there is neither promise nor log. */
  public boolean isEmpty() throws IOException {
    return ReplicaStateFile.find(path) == null && !hasLog(path.resolve("log"));
  }

  /** Deletes it, if it is there, with all that is in it but for what was set aside. */
  public void delete() throws IOException {
    if (!Files.exists(path())) {
      return;
    }
    List<Path> all;
    try (Stream<Path> paths = Files.walk(path())) {
      all = paths.filter(each -> !isSetAside(each)).sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      if (!each.equals(path) || isWithoutContent()) {
        Files.deleteIfExists(each);
      }
    }
  }

  private boolean isSetAside(Path each) {
    return !each.equals(path) && path.relativize(each).getName(0).toString().startsWith(SET_ASIDE);
  }

  private boolean isWithoutContent() throws IOException {
    try (Stream<Path> content = Files.list(path)) {
      return content.findAny().isEmpty();
    }
  }

  /**
   * Where to keep what lies behind damage in a replica's log.
   *
   * @return a name beside the log that nothing has
   */
  static Path newPlaceAside(Path logFolder) {
    Path aside;
    int number = 1;
    do {
      aside = logFolder.resolveSibling(SET_ASIDE + number++);
    } while (Files.exists(aside));
    return aside;
  }

  /** Moves what lies there to another name, beside it; nothing of ours deletes it. */
  public void setAside() throws IOException {
    if (!Files.isDirectory(path) || isWithoutContent()) {
      return;
    }
    Path aside;
    int number = 1;
    do {
      aside = path.resolveSibling(path.getFileName() + "." + SET_ASIDE + number++);
    } while (Files.exists(aside));
    Files.move(path, aside);
    Path parent = path.getParent();
    if (parent != null) {
      LogDirectory.sync(parent);
    }
  }

  /**
   * Whether a log was ever begun in a folder. Where one begins anew the note of that is there, also
   * when a crash left it without a segment.
   */
  static boolean hasLog(Path logFolder) throws IOException {
    if (!Files.isDirectory(logFolder)) {
      return false;
    }
    try (Stream<Path> content = Files.list(logFolder)) {
      return content
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> name.endsWith(".log") || name.equals("start") || name.equals("cut"));
    }
  }

  /** Makes a folder whose name is on disk when this returns, and so is every folder above it. */
  static void createDurably(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent == null || Files.isDirectory(directory)) {
      return;
    }
    createDurably(parent);
    Files.createDirectories(directory);
    LogDirectory.sync(parent);
  }
}
