package io.sampo.routing.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The directory that a node keeps its data in, held for this node alone by a lock on the file
 * {@code node.lock}. The operating system gives the lock back when the process ends, however it
 * does; the file stays and names the last holder's process id, for people.
 */
final class DataDirectory implements AutoCloseable {
  private static final String LOCK_FILE = "node.lock";

  private final Path path;
  private final FileChannel lockFile;

  private DataDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Makes the directory when it is missing, and locks it.
   *
   * @throws StartFailedException when it can't be made or written, or another node holds it
   */
  static DataDirectory lock(Path path) throws StartFailedException {
    try {
      Files.createDirectories(path);
      FileChannel file =
          FileChannel.open(
              path.resolve(LOCK_FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (!holds(file)) {
        String holder = read(file);
        file.close();
        throw new StartFailedException(
            "the data directory "
                + path
                + " is in use by another node"
                + (holder.isEmpty() ? "" : " (process " + holder + ")")
                + "; give this one a directory of its own with sampo.data-dir");
      }
      write(file, Long.toString(ProcessHandle.current().pid()));
      return new DataDirectory(path, file);
    } catch (IOException e) {
      throw new StartFailedException(
          "the data directory " + path + " can't be used: " + describe(e), e);
    }
  }

  Path path() {
    return path;
  }

  /** Lets another node have the directory. */
  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new IllegalStateException("the lock of " + path + " could not be given back", e);
    }
  }

  private static boolean holds(FileChannel file) throws IOException {
    try {
      FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return false;
    }
  }

  private static String read(FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(32);
    file.read(bytes, 0);
    return StandardCharsets.US_ASCII.decode(bytes.flip()).toString().trim();
  }

  private static void write(FileChannel file, String text) throws IOException {
    file.truncate(0);
    file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  /** Some file exceptions name nothing but the file; their class then says what happened. */
  private static String describe(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
