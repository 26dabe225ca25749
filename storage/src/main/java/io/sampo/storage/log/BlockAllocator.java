package io.sampo.storage.log;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reserves blocks with {@code posix_fallocate}, or by writing zeros where the system or the file
 * system doesn't know it (anything but 64-bit Linux, some network file systems).
 *
 * <p>Zero-filling overwrites, so it is only ever asked for bytes that nobody has written: the log
 * reserves from where its last batch ends. Used by the writer thread alone.
 */
public final class BlockAllocator implements SegmentAllocator {
  private static final Logger LOG = LoggerFactory.getLogger(BlockAllocator.class);

  // Linux's numbers, which are the same on every 64-bit architecture that Java runs on.
  private static final int O_RDWR = 0x2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int EINTR = 4;
  private static final int ENODEV = 19;
  private static final int EINVAL = 22;
  private static final int ENOSPC = 28;
  private static final int ENOSYS = 38;
  private static final int EOPNOTSUPP = 95;
  private static final int EDQUOT = 122;

  private static final int ZERO_CHUNK_BYTES = 256 << 10;

  /** The three calls needed of the C library. */
  interface LibC extends Library {
    int open(String path, int flags, Object... mode);

    int posix_fallocate(int fd, NativeLong offset, NativeLong length);

    int close(int fd);
  }

  private static final @Nullable LibC LIBC = loadLibC();

  private boolean fallocateWorks = LIBC != null;
  private @Nullable ByteBuffer zeros;

  @Override
  public void allocate(Path file, FileChannel channel, long from, long to) throws IOException {
    if (fallocateWorks && LIBC != null) {
      int error = fallocate(LIBC, file, from, to);
      switch (error) {
        case 0 -> {
          return;
        }
        case ENOSPC, EDQUOT ->
            throw new LogFullException(
                "%s: no room on the disk for bytes %d to %d".formatted(file, from, to));
        case EOPNOTSUPP, EINVAL, ENOSYS, ENODEV -> {
          fallocateWorks = false;
          LOG.info("{}: posix_fallocate isn't supported here, filling with zeros instead", file);
        }
        default ->
            throw new IOException(
                "%s: reserving bytes %d to %d failed with errno %d"
                    .formatted(file, from, to, error));
      }
    }
    fillWithZeros(file, channel, from, to);
  }

  private static int fallocate(LibC libc, Path file, long from, long to) {
    int fd = libc.open(file.toString(), O_RDWR | O_CLOEXEC);
    if (fd < 0) {
      return Native.getLastError();
    }
    try {
      int error;
      do {
        error = libc.posix_fallocate(fd, new NativeLong(from), new NativeLong(to - from));
      } while (error == EINTR);
      return error;
    } finally {
      libc.close(fd);
    }
  }

  void fillWithZeros(Path file, FileChannel channel, long from, long to) throws IOException {
    ByteBuffer source = zeros;
    if (source == null) {
      source = ByteBuffer.allocateDirect(ZERO_CHUNK_BYTES);
      zeros = source;
    }
    try {
      long at = from;
      while (at < to) {
        source.clear().limit((int) Math.min(ZERO_CHUNK_BYTES, to - at));
        at += channel.write(source, at);
      }
    } catch (IOException e) {
      if (isOutOfSpace(e)) {
        throw new LogFullException(
            "%s: no room on the disk for bytes %d to %d".formatted(file, from, to), e);
      }
      throw e;
    }
  }

  /** Java has no exception type of its own for a full disk, only the system's message. */
  private static boolean isOutOfSpace(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }

  private static @Nullable LibC loadLibC() {
    try {
      if (!Platform.isLinux() || !Platform.is64Bit()) {
        return null;
      }
      return Native.load("c", LibC.class);
    } catch (LinkageError e) {
      // JNA unpacks a native library; a system that forbids that still gets its blocks, slower.
      LOG.warn("the C library can't be called, segments are filled with zeros instead: {}", e, e);
      return null;
    }
  }
}
