package io.sampo.record;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message before it has its place in the log: all of the stored record except the queue offset,
 * the physical offset and the store timestamp. The body is not copied; it stays in the buffer that
 * it was received in until {@link #release()}.
 *
 * <p>Ownership goes with the draft: whoever holds it last (the commit log after writing, or whoever
 * refuses it) calls {@link #release()} exactly once. Not thread-safe; handed over by message
 * passing.
 */
public final class MessageDraft {
  private final QueueKey queue;
  private final int flag;
  private final int sysFlag;
  private final long bornTimestampMs;
  private final HostAddress bornHost;
  private final HostAddress storeHost;
  private final int reconsumeTimes;
  private final long preparedTransactionOffset;
  private final ByteBuffer body;
  private final int bodyCrc;
  private final byte[] properties;
  private final int tagHash;
  private final long sendKey;
  private final int attemptBytes;
  private final boolean mayBeStored;
  private final @Nullable Returned returned;
  private final Runnable onRelease;

  private MessageDraft(Builder builder) {
    this.queue = builder.queue;
    this.flag = builder.flag;
    this.sysFlag = builder.sysFlag;
    this.bornTimestampMs = builder.bornTimestampMs;
    this.bornHost = builder.bornHost;
    this.storeHost = builder.storeHost;
    this.reconsumeTimes = builder.reconsumeTimes;
    this.preparedTransactionOffset =
        builder.returned == null ? builder.preparedTransactionOffset : builder.returned.mark();
    this.body = builder.body;
    this.bodyCrc = builder.bodyCrc;
    this.properties = builder.properties;
    this.tagHash = builder.tagHash;
    this.sendKey = builder.sendKey;
    this.attemptBytes = builder.attemptBytes;
    this.mayBeStored = builder.mayBeStored;
    this.returned = builder.returned;
    this.onRelease = builder.onRelease;
  }

  /** Starts a draft for a queue; everything else has a default that suits an internal message. */
  public static Builder to(QueueKey queue) {
    return new Builder(queue);
  }

  /** Where the message goes. */
  public QueueKey queue() {
    return queue;
  }

  /** The user's flag, passed through. */
  public int flag() {
    return flag;
  }

  /** The system flag (compression, transaction state, address families). */
  public int sysFlag() {
    return sysFlag;
  }

  /**
   * When the producer made the message, in milliseconds since the epoch, by the producer's clock.
   */
  public long bornTimestampMs() {
    return bornTimestampMs;
  }

  public HostAddress bornHost() {
    return bornHost;
  }

  public HostAddress storeHost() {
    return storeHost;
  }

  public int reconsumeTimes() {
    return reconsumeTimes;
  }

  public long preparedTransactionOffset() {
    return preparedTransactionOffset;
  }

  /**
   * The body from position to limit; readers use absolute gets or a duplicate and leave both as
   * they are.
   */
  public ByteBuffer body() {
    return body;
  }

  /** CRC-32 of the body, masked to 31 bits. */
  public int bodyCrc() {
    return bodyCrc;
  }

  /** The encoded properties (name 0x01 value 0x02 …), UTF-8, at most 32767 bytes; never changed. */
  public byte[] properties() {
    return properties;
  }

  /** Java's string hash of the TAGS property, 0 without one. */
  public int tagHash() {
    return tagHash;
  }

  /** See {@link SendKey}; {@link SendKey#NONE} for a message that is never taken for a retry. */
  public long sendKey() {
    return sendKey;
  }

  /** How many bytes at the start of the properties may differ between two attempts at one send. */
  public int attemptBytes() {
    return attemptBytes;
  }

  /** True when a leader before was sent this, and nobody knows what it did. */
  public boolean mayBeStored() {
    return mayBeStored;
  }

  /** Of a message that a consumer group failed; null for every other. */
  public @Nullable Returned returned() {
    return returned;
  }

  /** Gives the body's buffer back. Call once, after which {@link #body()} must not be read. */
  public void release() {
    onRelease.run();
  }

  /** Collects the parts of a draft. */
  public static final class Builder {
    private static final HostAddress NO_HOST = new HostAddress(new byte[4], 0);
    private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0);
    private static final byte[] NO_PROPERTIES = {};
    private static final Runnable NOTHING_TO_RELEASE = () -> {};

    private final QueueKey queue;
    private int flag;
    private int sysFlag;
    private long bornTimestampMs;
    private HostAddress bornHost = NO_HOST;
    private HostAddress storeHost = NO_HOST;
    private int reconsumeTimes;
    private long preparedTransactionOffset;
    private ByteBuffer body = NO_BODY;
    private int bodyCrc;
    private byte[] properties = NO_PROPERTIES;
    private int tagHash;
    private long sendKey = SendKey.NONE;
    private int attemptBytes;
    private boolean mayBeStored;
    private @Nullable Returned returned;
    private Runnable onRelease = NOTHING_TO_RELEASE;

    private Builder(QueueKey queue) {
      this.queue = queue;
    }

    public Builder flags(int flag, int sysFlag) {
      this.flag = flag;
      this.sysFlag = sysFlag;
      return this;
    }

    public Builder born(long timestampMs, HostAddress host) {
      this.bornTimestampMs = timestampMs;
      this.bornHost = host;
      return this;
    }

    public Builder storeHost(HostAddress host) {
      this.storeHost = host;
      return this;
    }

    public Builder reconsumeTimes(int times) {
      this.reconsumeTimes = times;
      return this;
    }

    public Builder preparedTransactionOffset(long offset) {
      this.preparedTransactionOffset = offset;
      return this;
    }

    /** Sets the body and its checksum (CRC-32 masked to 31 bits). */
    public Builder body(ByteBuffer bytes, int crc) {
      this.body = bytes;
      this.bodyCrc = crc;
      return this;
    }

    /** Sets the encoded properties and the hash of the TAGS value among them. */
    public Builder properties(byte[] encoded, int tagHash) {
      this.properties = encoded;
      this.tagHash = tagHash;
      return this;
    }

    /** Makes it a send whose retries are to be recognised; see the getters. */
    public Builder sent(long sendKey, int attemptBytes) {
      this.sendKey = sendKey;
      this.attemptBytes = attemptBytes;
      return this;
    }

    /** Says whether a leader before was sent this, and nobody knows what it did. */
    public Builder mayBeStored(boolean mayBe) {
      this.mayBeStored = mayBe;
      return this;
    }

    /**
     * Makes it the copy of a message that a consumer group failed; it has no prepared transaction
     * then.
     */
    public Builder returned(long sendKey, Returned copy) {
      this.sendKey = sendKey;
      this.returned = copy;
      return this;
    }

    /** What {@link MessageDraft#release()} does. */
    public Builder onRelease(Runnable action) {
      this.onRelease = action;
      return this;
    }

    public MessageDraft build() {
      return new MessageDraft(this);
    }
  }
}
