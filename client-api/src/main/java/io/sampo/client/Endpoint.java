package io.sampo.client;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One address and the connection to it, which is made when it is first needed and again after it
 * was lost. After a failed attempt requests fail at once until a back-off has passed, 100 ms at
 * first and 5 s at most, so that a dead server costs neither its clients nor the network much.
 *
 * <p>Thread-safe by its monitor; nothing is completed while it is held.
 */
final class Endpoint {
  private static final long BACK_OFF_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long BACK_OFF_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  private final String address;
  private final Supplier<CompletionStage<Connection>> connector;
  private final LongSupplier nanoClock;

  private @Nullable Connection connection;
  private boolean connecting;
  private boolean closed;
  private final Queue<PendingRequest<?>> waiting = new ArrayDeque<>();
  private long backOffNanos;
  private long retryAtNanos;

  Endpoint(
      String address, Supplier<CompletionStage<Connection>> connector, LongSupplier nanoClock) {
    this.address = address;
    this.connector = connector;
    this.nanoClock = nanoClock;
  }

  void send(PendingRequest<?> request) {
    Connection ready = null;
    RuntimeException refusal = null;
    boolean connect = false;
    synchronized (this) {
      if (closed) {
        refusal = new TransportException("the client is closed", null);
      } else if (connection != null && !connection.isGone()) {
        ready = connection;
      } else if (connecting) {
        waiting.add(request);
      } else if (backOffNanos > 0 && nanoClock.getAsLong() - retryAtNanos < 0) {
        refusal = new TransportException("connecting to " + address + " failed a moment ago", null);
      } else {
        connecting = true;
        connect = true;
        waiting.add(request);
      }
    }
    if (ready != null) {
      ready.send(request);
    } else if (refusal != null) {
      request.fail(refusal);
    } else if (connect) {
      connector.get().whenComplete(this::onConnected);
    }
  }

  /** Closes the connection, now or as soon as it is made. */
  void close() {
    Connection open;
    synchronized (this) {
      closed = true;
      open = connection;
    }
    if (open != null) {
      open.close();
    }
  }

  private void onConnected(@Nullable Connection made, @Nullable Throwable failure) {
    PendingRequest<?>[] released;
    boolean unwanted;
    synchronized (this) {
      connecting = false;
      connection = made;
      unwanted = closed;
      released = waiting.toArray(new PendingRequest<?>[0]);
      waiting.clear();
      if (made != null) {
        backOffNanos = 0;
      } else {
        backOffNanos = Math.max(BACK_OFF_NANOS_MIN, Math.min(2 * backOffNanos, BACK_OFF_NANOS_MAX));
        // Clients that lost the same server don't all come back at the same instant.
        long jitterNanos = ThreadLocalRandom.current().nextLong(backOffNanos / 4);
        retryAtNanos = nanoClock.getAsLong() + backOffNanos - jitterNanos;
      }
    }
    if (made != null && unwanted) {
      made.close();
    }
    for (PendingRequest<?> request : released) {
      if (made != null) {
        made.send(request);
      } else {
        request.fail(new TransportException("connecting to " + address + " failed", failure));
      }
    }
  }
}
