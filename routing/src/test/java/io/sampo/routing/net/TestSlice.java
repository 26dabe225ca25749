package io.sampo.routing.net;

import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Records outside of any log; remembers how often it was closed. */
public class TestSlice implements LogSlice {
  private final ByteBuffer bytes;
  private final AtomicInteger closed = new AtomicInteger();

  public TestSlice(int sizeBytes) {
    this.bytes = ByteBuffer.allocateDirect(sizeBytes).asReadOnlyBuffer();
  }

  public TestSlice(String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    this.bytes = ByteBuffer.allocateDirect(content.length).put(content).flip().asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  @Override
  public int sizeBytes() {
    return bytes.remaining();
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }

  /** 1 when all is well. */
  public int timesClosed() {
    return closed.get();
  }
}
