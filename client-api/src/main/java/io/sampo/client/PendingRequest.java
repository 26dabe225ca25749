package io.sampo.client;

import io.netty.util.Timeout;
import io.netty.util.TimerTask;
import io.sampo.wire.RemotingCommand;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits for its answer. Answer, time-out and loss of the connection may come at the
 * same time from different threads; the first one counts.
 */
final class PendingRequest<T> implements TimerTask {
  private final String address;
  private final Request request;
  private final ResponseReader<T> reader;
  private final CompletableFuture<T> future = new CompletableFuture<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile @Nullable Timeout timeout;

  PendingRequest(String address, Request request, ResponseReader<T> reader) {
    this.address = address;
    this.request = request;
    this.reader = reader;
  }

  Request request() {
    return request;
  }

  CompletableFuture<T> future() {
    return future;
  }

  boolean isEnded() {
    return ended.get();
  }

  void timeout(Timeout running) {
    timeout = running;
    if (ended.get()) {
      running.cancel();
    }
  }

  @Override
  public void run(Timeout expired) {
    long timeoutMs = request.timeout().toMillis();
    fail(
        new TransportException(
            address + " did not answer code " + request.code() + " within " + timeoutMs + " ms",
            null));
  }

  /** Takes the answer; releasing it is the caller's business. */
  void answer(RemotingCommand response) {
    if (!end()) {
      return;
    }
    T result;
    try {
      result = reader.read(response);
    } catch (RuntimeException e) {
      future.completeExceptionally(e);
      return;
    }
    future.complete(result);
  }

  void fail(RuntimeException reason) {
    if (end()) {
      future.completeExceptionally(reason);
    }
  }

  private boolean end() {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    Timeout running = timeout;
    if (running != null) {
      running.cancel();
    }
    return true;
  }
}
