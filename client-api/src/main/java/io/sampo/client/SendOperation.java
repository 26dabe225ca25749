package io.sampo.client;

import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import io.sampo.wire.header.SendResponseHeader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One message and its attempts. An attempt starts when the one before has ended, so the fields need
 * no lock: each attempt is handed on by the future that ended the last.
 */
final class SendOperation {
  private static final String TEMPLATE_TOPIC = "TBW102";
  private static final int NEW_TOPIC_QUEUES = 4;

  /** So that a broker which answers at once with "not now" isn't asked again at once. */
  private static final Duration PAUSE_BEFORE_RETRY = Duration.ofMillis(50);

  private static final Duration ATTEMPT_MIN = Duration.ofSeconds(1);

  private final SampoClient client;
  private final ProducerSettings settings;
  private final OutgoingMessage outgoing;
  private final long bornTimestampMs = System.currentTimeMillis();
  private final int turn;
  private final long deadlineNanos;
  private final CompletableFuture<SendReceipt> receipt = new CompletableFuture<>();
  private int attempts;
  private @Nullable TopicQueue lastQueue;

  /**
   * @param turn picks the first queue
   * @param deadlineNanos when to give up, in {@link System#nanoTime}
   */
  SendOperation(
      SampoClient client,
      ProducerSettings settings,
      OutgoingMessage outgoing,
      int turn,
      long deadlineNanos) {
    this.client = client;
    this.settings = settings;
    this.outgoing = outgoing;
    this.turn = turn;
    this.deadlineNanos = deadlineNanos;
  }

  CompletableFuture<SendReceipt> receipt() {
    return receipt;
  }

  void start() {
    client
        .routes()
        .route(outgoing.message().topic())
        .whenComplete(
            (route, failure) -> {
              if (failure == null) {
                attempt(route);
              } else if (Failures.cause(failure) instanceof TransportException
                  && timeForAnother()) {
                pauseThenStart(failure); // no attempt: nothing was sent
              } else {
                end(failure);
              }
            });
  }

  private void attempt(TopicRoute route) {
    TopicQueue queue = pick(route.writable());
    String address = queue == null ? null : route.addressOf(queue.brokerName());
    if (queue == null || address == null) {
      client.routes().suspect(route.topic());
      end(new NoRouteException("no queue of " + route.topic() + " can be sent to"));
      return;
    }
    attempts++;
    lastQueue = queue;
    Request request =
        new Request(
            RequestCode.SEND_MESSAGE_V2, header(queue), outgoing.message().body(), attemptTime());
    client
        .transport()
        .call(address, request, response -> read(queue, response))
        .whenComplete(
            (result, failure) -> {
              if (failure == null) {
                receipt.complete(result);
              } else {
                onFailure(Failures.cause(failure));
              }
            });
  }

  private void onFailure(Throwable failure) {
    boolean unanswered = failure instanceof TransportException;
    if (unanswered
        || (failure instanceof RefusedException refused
            && (refused.code() == ResponseCode.SERVICE_NOT_AVAILABLE
                || refused.code() == ResponseCode.GO_AWAY))) {
      client.routes().suspect(outgoing.message().topic()); // its leader may have moved
    }
    boolean worthAnother =
        unanswered || (failure instanceof RefusedException refused && isForTheMoment(refused));
    if (worthAnother && attempts < settings.attemptsMax() && timeForAnother()) {
      pauseThenStart(failure);
    } else {
      end(failure);
    }
  }

  private boolean timeForAnother() {
    return System.nanoTime() + PAUSE_BEFORE_RETRY.toNanos() - deadlineNanos < 0;
  }

  private void pauseThenStart(Throwable failure) {
    client.transport().schedule(PAUSE_BEFORE_RETRY, this::start, () -> end(failure));
  }

  private static boolean isForTheMoment(RefusedException refused) {
    return switch (refused.code()) {
      case ResponseCode.SYSTEM_ERROR,
          ResponseCode.SYSTEM_BUSY,
          ResponseCode.SERVICE_NOT_AVAILABLE,
          ResponseCode.GO_AWAY ->
          true;
      default -> false;
    };
  }

  private void end(Throwable failure) {
    receipt.completeExceptionally(Failures.cause(failure));
  }

  /** The next queue in turn; after a failure the next one of another broker, if there is one. */
  private @Nullable TopicQueue pick(List<TopicQueue> queues) {
    if (queues.isEmpty()) {
      return null;
    }
    TopicQueue failed = lastQueue;
    int start = (turn + attempts) % queues.size();
    if (failed != null) {
      for (int i = 0; i < queues.size(); i++) {
        TopicQueue queue = queues.get((start + i) % queues.size());
        if (!queue.brokerName().equals(failed.brokerName())) {
          return queue;
        }
      }
    }
    return queues.get(start);
  }

  /** An equal share of what is left, so that a silent broker doesn't eat the others' time. */
  private Duration attemptTime() {
    long leftNanos = deadlineNanos - System.nanoTime();
    int attemptsLeft = settings.attemptsMax() - attempts + 1;
    long shareNanos = Math.max(leftNanos / attemptsLeft, ATTEMPT_MIN.toNanos());
    return Duration.ofNanos(Math.max(1_000_000, Math.min(shareNanos, leftNanos)));
  }

  private SendRequestHeader header(TopicQueue queue) {
    return new SendRequestHeader(
        outgoing.group(),
        queue.topic(),
        TEMPLATE_TOPIC,
        NEW_TOPIC_QUEUES,
        queue.queueId(),
        0,
        bornTimestampMs,
        outgoing.message().flag(),
        outgoing.properties(),
        0,
        false,
        -1,
        false,
        queue.brokerName());
  }

  private SendReceipt read(TopicQueue asked, RemotingCommand response) {
    SendReceipt.Durability durability =
        switch (response.code()) {
          case ResponseCode.SUCCESS -> SendReceipt.Durability.AS_CONFIGURED;
          case ResponseCode.FLUSH_DISK_TIMEOUT -> SendReceipt.Durability.NOT_FLUSHED;
          case ResponseCode.FLUSH_SLAVE_TIMEOUT -> SendReceipt.Durability.NOT_REPLICATED;
          case ResponseCode.SLAVE_NOT_AVAILABLE -> SendReceipt.Durability.REPLICAS_MISSING;
          default -> throw RefusedException.of(response);
        };
    SendResponseHeader stored = SendResponseHeader.read(response.fields());
    return new SendReceipt(
        outgoing.messageId(),
        stored.msgId(),
        new TopicQueue(asked.topic(), asked.brokerName(), stored.queueId()),
        stored.queueOffset(),
        durability);
  }
}
