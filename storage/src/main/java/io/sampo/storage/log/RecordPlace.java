package io.sampo.storage.log;

/** Where an append went; one instance is reused by the writer for every append. */
public final class RecordPlace {
  /** The record's offset in its queue. */
  public long queueOffset;

  /** The record's position in the log, which is also its PHYSICALOFFSET on the wire. */
  public long position;

  /** The record's length in bytes. */
  public int sizeBytes;
}
