package io.sampo.record;

/** The bits of a record's system flag. Bits that are not listed are passed through as they came. */
public final class SysFlag {
  /** The body is compressed, see {@link #COMPRESSION_TYPE_MASK}. */
  public static final int COMPRESSED = 0x1;

  /** Two bits: 0 no transaction, {@link #PREPARED}, {@link #COMMIT} or {@link #ROLLBACK}. */
  public static final int TRANSACTION_MASK = 0xC;

  public static final int PREPARED = 0x4;
  public static final int COMMIT = 0x8;
  public static final int ROLLBACK = 0xC;

  /** The born host takes 16 address bytes. */
  public static final int BORN_IPV6 = 0x10;

  /** The store host takes 16 address bytes. */
  public static final int STORE_IPV6 = 0x20;

  /** Three bits: 0 or 3 zlib, 1 LZ4, 2 ZSTD. */
  public static final int COMPRESSION_TYPE_MASK = 0x700;

  static final int HOST_BITS = BORN_IPV6 | STORE_IPV6;

  private SysFlag() {}

  /** The compression type 0 to 3 of a flag that has {@link #COMPRESSED}. */
  public static int compressionType(int sysFlag) {
    return (sysFlag & COMPRESSION_TYPE_MASK) >>> 8;
  }
}
