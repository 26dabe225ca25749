package io.sampo.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** The checksum of a body as the record holds it: CRC-32 without its top bit. */
public final class BodyCrc {
  private static final int MASK = 0x7fff_ffff;

  private BodyCrc() {}

  /** The checksum of the bytes from position to limit; the buffer stays as it is. */
  public static int of(ByteBuffer body) {
    CRC32 crc = new CRC32();
    crc.update(body.duplicate());
    return (int) crc.getValue() & MASK;
  }
}
