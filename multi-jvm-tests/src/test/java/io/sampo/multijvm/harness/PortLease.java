package io.sampo.multijvm.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A TCP port that no other test process takes until it is given back, also while nothing listens on
 * it: a node keeps its ports over a kill and a restart. Two things make that safe. The port lies
 * below the range that the kernel gives to outgoing connections, so neither a stranger's connection
 * nor a client's own retry (a TCP self-connect) can occupy it. And a locked file per port keeps
 * test processes that run at the same time apart; the lock dies with its process.
 */
public final class PortLease implements AutoCloseable {
  private static final int FIRST = 15_000;
  private static final int LAST = 32_000;
  private static final int TRIES = 1_000;
  private static final Path LOCKS = Path.of(System.getProperty("java.io.tmpdir"), "sampo-ports");

  private final int port;
  private final FileChannel file;

  private PortLease(int port, FileChannel file) {
    this.port = port;
    this.file = file;
  }

  /** Takes a port that is free now. */
  public static PortLease take() {
    try {
      Files.createDirectories(LOCKS);
      for (int attempt = 0; attempt < TRIES; attempt++) {
        PortLease lease = tryTake(ThreadLocalRandom.current().nextInt(FIRST, LAST));
        if (lease != null) {
          return lease;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("no free port among " + TRIES + " tried");
  }

  /**
   * Takes ports at equal distances, as a node's log groups use them.
   *
   * @return the leases, the lowest port first
   */
  public static List<PortLease> takeRow(int count, int distance) {
    try {
      Files.createDirectories(LOCKS);
      for (int attempt = 0; attempt < TRIES; attempt++) {
        int first = ThreadLocalRandom.current().nextInt(FIRST, LAST - count * distance);
        List<PortLease> row = tryTakeRow(first, count, distance);
        if (row.size() == count) {
          return row;
        }
        row.forEach(PortLease::close);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("no row of free ports among " + TRIES + " tried");
  }

  private static List<PortLease> tryTakeRow(int first, int count, int distance) throws IOException {
    List<PortLease> row = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      PortLease lease = tryTake(first + i * distance);
      if (lease == null) {
        return row;
      }
      row.add(lease);
    }
    return row;
  }

  private static @Nullable PortLease tryTake(int port) throws IOException {
    FileChannel file =
        FileChannel.open(
            LOCKS.resolve(Integer.toString(port)),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (isLocked(file) && isFree(port)) {
      return new PortLease(port, file);
    }
    file.close();
    return null;
  }

  private static boolean isLocked(FileChannel file) throws IOException {
    try {
      FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException takenByThisProcess) {
      return false;
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
