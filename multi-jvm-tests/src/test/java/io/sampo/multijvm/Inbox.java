package io.sampo.multijvm;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A listener that keeps what it gets, in the order of delivery; any thread may deliver. */
final class Inbox implements Consumer<Delivery> {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final List<Delivery> deliveries = new ArrayList<>();

  @Override
  public synchronized void accept(Delivery delivery) {
    deliveries.add(delivery);
  }

  synchronized int count() {
    return deliveries.size();
  }

  synchronized List<Delivery> deliveries() {
    return List.copyOf(deliveries);
  }

  /** The keys of the bodies, each checked to be whole. */
  List<Long> keys() {
    return deliveries().stream().map(delivery -> Payload.key(delivery.body())).toList();
  }

  /** Waits until this many messages have come. */
  void awaitCount(int count) {
    Await.until(
        () -> count + " messages delivered; there are " + count(), LIMIT, () -> count() >= count);
  }
}
