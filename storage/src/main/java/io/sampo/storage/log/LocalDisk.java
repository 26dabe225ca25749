package io.sampo.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real disk. Reserves blocks with {@code posix_fallocate}, or by writing zeros where the system
 * or the file system doesn't know it (anything but 64-bit Linux, some network file systems).
 *
 * <p>Zero-filling overwrites, so it is only ever asked for bytes that nobody has written: the log
 * reserves from where its last batch ends. Used by the writer thread alone.
 */
final class LocalDisk implements SegmentDisk {
  private static final Logger LOG = LoggerFactory.getLogger(LocalDisk.class);
  private static final int ZERO_CHUNK_BYTES = 256 << 10;

  private @Nullable NativeFiles system;
  private @Nullable ByteBuffer zeros;

  LocalDisk() {
    this(NativeFiles.instance());
  }

  /**
   * @param system null to fill with zeros always
   */
  LocalDisk(@Nullable NativeFiles system) {
    this.system = system;
  }

  @Override
  public void allocate(Path file, FileChannel channel, long from, long to) throws IOException {
    NativeFiles calls = system;
    int error = calls == null ? NativeFiles.ENOSYS : calls.allocate(file, from, to);
    switch (error) {
      case 0 -> {}
      case NativeFiles.ENOSPC, NativeFiles.EDQUOT -> throw full(file, from, to, null);
      case NativeFiles.EOPNOTSUPP, NativeFiles.EINVAL, NativeFiles.ENOSYS, NativeFiles.ENODEV -> {
        if (calls != null) {
          LOG.info("{}: posix_fallocate isn't supported here, filling with zeros instead", file);
          system = null;
        }
        fillWithZeros(file, channel, from, to);
      }
      default ->
          throw new IOException(
              "%s: reserving bytes %d to %d failed with error number %d"
                  .formatted(file, from, to, error));
    }
  }

  private void fillWithZeros(Path file, FileChannel channel, long from, long to)
      throws IOException {
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
      throw isOutOfSpace(e) ? full(file, from, to, e) : e;
    }
  }

  private static LogFullException full(Path file, long from, long to, @Nullable IOException cause) {
    String message = "%s: no room on the disk for bytes %d to %d".formatted(file, from, to);
    return cause == null ? new LogFullException(message) : new LogFullException(message, cause);
  }

  /** Java has no exception type of its own for a full disk, only the system's message. */
  static boolean isOutOfSpace(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }
}
