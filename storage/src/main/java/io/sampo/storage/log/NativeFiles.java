package io.sampo.storage.log;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The few system calls that Java has no API for, on 64-bit Linux; elsewhere there is no instance
 * and callers do without. Stateless, any thread. Errors come back as the system's numbers.
 */
final class NativeFiles {
  private static final Logger LOG = LoggerFactory.getLogger(NativeFiles.class);

  // Linux's numbers, which are the same on every 64-bit architecture that Java runs on.
  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int ENOSPC = 28;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  private static final int O_RDONLY = 0x0;
  private static final int O_RDWR = 0x2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int MADV_DONTNEED = 4;

  /** At least as much as a page of any system. */
  private static final int PAGES_ALIGNED_BYTES = 64 << 10;

  /** The calls, by their names in the C library. */
  interface LibC extends Library {
    int open(String path, int flags, Object... mode);

    int posix_fallocate(int fd, NativeLong offset, NativeLong length);

    NativeLong lseek(int fd, NativeLong offset, int whence);

    int close(int fd);

    int madvise(Pointer address, NativeLong length, int advice);
  }

  private static final @Nullable NativeFiles INSTANCE = load();

  private final LibC libc;

  private NativeFiles(LibC libc) {
    this.libc = libc;
  }

  /** Null where the system can't be called. */
  static @Nullable NativeFiles instance() {
    return INSTANCE;
  }

  private static @Nullable NativeFiles load() {
    if (!Platform.isLinux() || !Platform.is64Bit()) {
      return null;
    }
    try {
      return new NativeFiles(Native.load("c", LibC.class));
    } catch (LinkageError e) {
      // JNA unpacks a native library, which a system may forbid.
      LOG.warn("the C library can't be called; segments are filled with zeros instead", e);
      return null;
    }
  }

  /**
   * Gives a range of a file its blocks.
   *
   * @return 0 or the error's number
   */
  int allocate(Path file, long from, long to) {
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

  /**
   * Takes the pages at the start of a shared mapping from the process; the file keeps what was
   * written, and whoever reads there gets the pages back.
   *
   * @param bytes how many, rounded down to whole pages
   * @return 0 or the error's number
   */
  int dropPages(MappedByteBuffer mapped, int bytes) {
    int length = bytes - bytes % PAGES_ALIGNED_BYTES;
    Pointer start = Native.getDirectBufferPointer(mapped);
    return length == 0 || libc.madvise(start, new NativeLong(length), MADV_DONTNEED) == 0
        ? 0
        : Native.getLastError();
  }

  /** Told of ranges of a file. */
  @FunctionalInterface
  interface RangeVisitor {
    void range(long from, long to);
  }

  /**
   * Finds the ranges of a file that may hold something else than zeros: neither holes nor blocks
   * that were reserved and never written.
   *
   * @return false when the system can't tell; then the visitor may have been told of some
   */
  boolean dataRanges(Path file, long from, long to, RangeVisitor visitor) {
    int fd = libc.open(file.toString(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      return false;
    }
    try {
      long at = from;
      while (at < to) {
        long data = libc.lseek(fd, new NativeLong(at), SEEK_DATA).longValue();
        if (data < 0) {
          return Native.getLastError() == ENXIO; // no data up to the end
        }
        if (data >= to) {
          return true;
        }
        long hole = libc.lseek(fd, new NativeLong(data), SEEK_HOLE).longValue();
        if (hole < 0) {
          return false;
        }
        at = Math.min(hole, to);
        visitor.range(data, at);
      }
      return true;
    } finally {
      libc.close(fd);
    }
  }
}
