package io.sampo.storage.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one log: the names of its files, and the lock that keeps a second process (or a
 * second log in this one) out until {@link #close()}.
 */
public final class LogDirectory implements AutoCloseable {
  /** The length of a file that isn't there. */
  static final long GONE = -1;

  private static final String LOCK_FILE = "lock";
  private static final Pattern SEGMENT_NAME = Pattern.compile("(\\d{20})\\.log");
  private static final Pattern DERIVED_NAME = Pattern.compile("\\d{20}\\.(index|keys)");
  private static final Pattern BEFORE_NAME = Pattern.compile("\\d{20}\\.before");
  private static final int NAME_DIGITS = 20;

  private final Path path;
  private final FileChannel lockChannel;

  private LogDirectory(Path path, FileChannel lockChannel) {
    this.path = path;
    this.lockChannel = lockChannel;
  }

  /**
   * Opens a folder, making it when it is missing.
   *
   * @throws IOException when another process uses it
   */
  static LogDirectory open(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Files.createDirectories(absolute);
    FileChannel channel =
        FileChannel.open(
            absolute.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = tryLock(channel);
    if (lock == null) {
      channel.close();
      throw new IOException(
          "the log in " + absolute + " is in use: another node runs with the same data directory");
    }
    return new LogDirectory(absolute, channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) { // held by this same process
      return null;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  public Path path() {
    return path;
  }

  /** The file of the segment that starts at a position. */
  public Path segmentFile(long basePosition) {
    return path.resolve("%020d.log".formatted(basePosition));
  }

  /** The index file of the segment that starts at a position, once it is sealed. */
  public Path indexFile(long basePosition) {
    return path.resolve("%020d.index".formatted(basePosition));
  }

  /** The file of the keys of the segment that starts at a position, once it was read. */
  public Path keyFile(long basePosition) {
    return path.resolve("%020d.keys".formatted(basePosition));
  }

  /**
   * What the index of the segment in front of a position said, once that segment is gone: where the
   * queues were when the log began there.
   */
  public Path beforeFile(long startPosition) {
    return path.resolve("%020d.before".formatted(startPosition));
  }

  /** The position that a segment file's name gives. */
  public static long basePosition(Path segmentFile) {
    Matcher matcher = SEGMENT_NAME.matcher(segmentFile.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(segmentFile + " isn't named like a segment");
    }
    return Long.parseLong(matcher.group(1));
  }

  /** The segment files, oldest first. */
  public List<Path> segmentFiles() throws IOException {
    return files(SEGMENT_NAME);
  }

  /** The length of a file, or {@link #GONE}: those in front of the log's start go at any time. */
  static long bytesOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return GONE;
    }
  }

  /** The starts of the segments that there is an index or a key file of. */
  SortedSet<Long> derivedFrom() throws IOException {
    SortedSet<Long> bases = new TreeSet<>();
    for (Path file : files(DERIVED_NAME)) {
      bases.add(Long.parseLong(file.getFileName().toString().substring(0, NAME_DIGITS)));
    }
    return bases;
  }

  /** The files that say what was before a start. */
  List<Path> beforeFiles() throws IOException {
    return files(BEFORE_NAME);
  }

  private List<Path> files(Pattern name) throws IOException {
    return files(path, name);
  }

  /** The segment files of a folder, oldest first. */
  static List<Path> segmentFiles(Path folder) throws IOException {
    return files(folder, SEGMENT_NAME);
  }

  private static List<Path> files(Path folder, Pattern name) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      entries
          .filter(file -> name.matcher(file.getFileName().toString()).matches())
          .sorted()
          .forEach(files::add);
    }
    return files;
  }

  /** Makes the names in the folder durable. */
  public void sync() throws IOException {
    sync(path);
  }

  /**
   * Has a file take the place of another, durably when this returns.
   *
   * @param aside in the same folder
   */
  public static void replace(Path file, Path aside) throws IOException {
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    Path folder = file.getParent();
    if (folder != null) {
      sync(folder);
    }
  }

  /** Makes the names in a folder durable. */
  public static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    lockChannel.close(); // gives up the lock with it
  }
}
