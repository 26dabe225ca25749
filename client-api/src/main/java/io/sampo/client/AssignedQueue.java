package io.sampo.client;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.OffsetResponseHeader;
import io.sampo.wire.header.PullRequestHeader;
import io.sampo.wire.header.QueryOffsetRequestHeader;
import io.sampo.wire.header.QueueRequestHeader;
import io.sampo.wire.header.UpdateOffsetRequestHeader;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue that this consumer was given: finds out where to start, pulls, hands messages to the
 * listener through its {@link QueueWindow}, commits, and ends in order when the queue is given to
 * another.
 *
 * <p>Its fields belong to the consumer's loop thread. Listeners run on the listener threads and
 * touch only the window.
 */
final class AssignedQueue {
  private static final Logger log = LoggerFactory.getLogger(AssignedQueue.class);

  private static final Duration SUSPEND_MAX = Duration.ofSeconds(15);
  private static final Duration PULL_TIMEOUT = Duration.ofSeconds(30);
  private static final int PULL_BYTES_MAX = 1024 * 1024;
  private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

  /** Guards against a server that answers "nothing yet" at once instead of holding the request. */
  private static final long SUSPENDED_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(5);

  private static final Duration UNSUSPENDED_PAUSE = Duration.ofMillis(100);
  private static final Duration LISTENER_RETRY_PAUSE_MIN = Duration.ofSeconds(1);
  private static final Duration LISTENER_RETRY_PAUSE_MAX = Duration.ofSeconds(30);

  /** How many messages a listener thread takes of one queue before others get their turn. */
  private static final int MESSAGES_PER_TURN = 64;

  private static final long UNKNOWN = -1;

  private final ConsumerContext context;
  private final TopicQueue queue;
  private final Subscription subscription;
  private final QueueWindow window;
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

  private boolean started;
  private boolean ending;
  private boolean pulling;
  private long pullSentNanos;
  private long committedOffset = UNKNOWN;
  private boolean committing;
  private boolean inTrouble;

  /** The broker didn't know the subscription, and was told it since. */
  private boolean introduced;

  AssignedQueue(ConsumerContext context, TopicQueue queue, Subscription subscription) {
    this.context = context;
    this.queue = queue;
    this.subscription = subscription;
    ConsumerSettings settings = context.settings();
    this.window =
        new QueueWindow(
            settings.concurrencyPerQueue(),
            settings.windowMessagesMax(),
            settings.windowBytesMax());
  }

  TopicQueue queue() {
    return queue;
  }

  boolean isEnding() {
    return ending;
  }

  /** Completes once the queue is given up: no listener runs and the last offset is committed. */
  CompletableFuture<Boolean> ended() {
    return ended;
  }

  /** Finds out where to start, then pulls; tries again until that is known. */
  void start() {
    if (ending) {
      return;
    }
    startOffset()
        .whenCompleteAsync(
            (offset, failure) -> {
              if (ending) {
                return;
              }
              if (failure != null) {
                onTrouble("finding the offset", failure);
                context.later(RETRY_PAUSE, this::start);
                return;
              }
              log.info("Consuming {} from offset {}", queue, offset);
              window.reset(offset);
              started = true;
              pull();
            },
            context.loop());
  }

  /** Starts nothing new, waits for the listeners that run, commits and completes {@link #ended}. */
  void end() {
    if (ending) {
      return;
    }
    ending = true;
    window.close(
        () ->
            context
                .loop()
                .execute(() -> commitNow().whenComplete((done, failure) -> ended.complete(true))));
  }

  /** Commits what is processed, unless that is committed already. */
  CompletableFuture<Boolean> commitNow() {
    long offset = window.lowestUnprocessed();
    if (!started || offset == committedOffset || (committing && !ending)) {
      return CompletableFuture.completedFuture(true);
    }
    committing = true;
    return call(
            RequestCode.UPDATE_CONSUMER_OFFSET,
            new UpdateOffsetRequestHeader(
                context.settings().group(), queue.topic(), queue.queueId(), offset),
            context.client().requestTimeout(),
            ResponseReader.DONE)
        .handleAsync(
            (done, failure) -> {
              committing = false;
              if (failure == null) {
                committedOffset = offset;
              } else {
                log.warn(
                    "Committing offset {} of {} failed: {}",
                    offset,
                    queue,
                    Failures.cause(failure).toString());
              }
              return failure == null;
            },
            context.loop());
  }

  private CompletableFuture<Long> startOffset() {
    QueryOffsetRequestHeader query =
        new QueryOffsetRequestHeader(
            context.settings().group(), queue.topic(), queue.queueId(), true);
    return call(
            RequestCode.QUERY_CONSUMER_OFFSET,
            query,
            context.client().requestTimeout(),
            response -> {
              if (response.code() == ResponseCode.QUERY_NOT_FOUND) {
                return OptionalLong.empty();
              }
              ResponseReader.requireSuccess(response);
              return OptionalLong.of(OffsetResponseHeader.read(response.fields()).offset());
            })
        .thenCompose(
            stored ->
                stored.isPresent()
                    ? CompletableFuture.completedFuture(stored.getAsLong())
                    : edgeOffset());
  }

  private CompletableFuture<Long> edgeOffset() {
    int code =
        switch (context.settings().consumeFrom()) {
          case FIRST -> RequestCode.GET_MIN_OFFSET;
          case LAST -> RequestCode.GET_MAX_OFFSET;
        };
    return call(
        code,
        new QueueRequestHeader(queue.topic(), queue.queueId()),
        context.client().requestTimeout(),
        response -> {
          ResponseReader.requireSuccess(response);
          return OffsetResponseHeader.read(response.fields()).offset();
        });
  }

  private void pull() {
    if (pulling || ending || !window.hasRoom()) {
      return;
    }
    pulling = true;
    pullSentNanos = System.nanoTime();
    PullRequestHeader header =
        new PullRequestHeader(
            context.settings().group(),
            queue.topic(),
            queue.queueId(),
            window.endOffset(),
            context.settings().pullMessagesMax(),
            PullRequestHeader.MAY_SUSPEND,
            0,
            SUSPEND_MAX.toMillis(),
            null,
            subscription.data().version(),
            subscription.data().expressionType(),
            PULL_BYTES_MAX);
    call(
            RequestCode.PULL_MESSAGE,
            header,
            PULL_TIMEOUT,
            response -> PullReply.read(queue, response))
        .whenCompleteAsync(this::onPulled, context.loop());
  }

  private void onPulled(@Nullable PullReply reply, @Nullable Throwable failure) {
    pulling = false;
    if (ending) {
      return;
    }
    if (reply == null) {
      onPullFailed(Failures.cause(failure == null ? new AssertionError("no reply") : failure));
      return;
    }
    boolean isSamePlace = reply.nextOffset() == window.endOffset();
    if (isSamePlace
        && (reply.outcome() == PullReply.Outcome.FOUND
            || reply.outcome() == PullReply.Outcome.MOVED)) {
      onPullFailed(new ClientException("the answer to a pull leads nowhere: " + reply));
      return;
    }
    inTrouble = false;
    introduced = false;
    switch (reply.outcome()) {
      case FOUND -> {
        List<ReceivedMessage> wanted =
            reply.messages().stream().filter(subscription::wants).toList();
        window.add(wanted, reply.nextOffset());
        dispatch();
      }
      case NONE_MATCHED -> {
        if (isSamePlace) { // to be asked again: its leader ended while the pull waited there
          context.later(UNSUSPENDED_PAUSE, this::pull);
          return;
        }
        window.add(List.of(), reply.nextOffset());
      }
      case NOT_YET -> {
        if (System.nanoTime() - pullSentNanos < SUSPENDED_NANOS_MIN) {
          context.later(UNSUSPENDED_PAUSE, this::pull);
          return;
        }
      }
      case MOVED -> {
        log.warn(
            "The offset {} of {} is outside of the queue, going on at {}",
            window.endOffset(),
            queue,
            reply.nextOffset());
        window.reset(reply.nextOffset());
      }
    }
    pull();
  }

  private void onPullFailed(Throwable failure) {
    if (isUnknownThere(failure) && !introduced) {
      introduced = true; // a broker that was started again, or leads only since a moment
      log.debug("Introducing the group for {}: {}", queue, failure.toString());
      introduce().whenCompleteAsync((done, failed) -> pull(), context.loop());
      return;
    }
    onTrouble("pulling", failure);
    if (isUnknownThere(failure)) {
      context.client().membership().beatAll();
    }
    context.later(RETRY_PAUSE, this::pull);
  }

  private static boolean isUnknownThere(Throwable failure) {
    return failure instanceof RefusedException refused
        && (refused.code() == ResponseCode.SUBSCRIPTION_NOT_EXIST
            || refused.code() == ResponseCode.SUBSCRIPTION_NOT_LATEST);
  }

  private CompletableFuture<Boolean> introduce() {
    return leader().thenCompose(address -> context.client().membership().introduce(address));
  }

  private void onTrouble(String doing, Throwable failure) {
    Throwable cause = Failures.cause(failure);
    // Once per trouble: it repeats every second.
    if (inTrouble) {
      log.debug("Still in trouble {} of {}: {}", doing, queue, cause.toString());
    } else {
      log.warn("Trouble {} of {}, trying again: {}", doing, queue, cause.toString());
      inTrouble = true;
    }
    if (cause instanceof TransportException) {
      context.client().routes().suspect(queue.topic());
    }
  }

  private void dispatch() {
    for (QueueWindow.Entry entry = window.start(); entry != null; entry = window.start()) {
      QueueWindow.Entry started = entry;
      context.listeners().execute(() -> run(started));
    }
  }

  /** On a listener thread: this message and those behind it. */
  private void run(QueueWindow.Entry first) {
    QueueWindow.Entry entry = first;
    for (int taken = 1; runOne(entry); taken++) {
      entry = window.start();
      if (entry == null) {
        return;
      }
      if (taken == MESSAGES_PER_TURN) {
        QueueWindow.Entry next = entry;
        context.listeners().execute(() -> run(next));
        return;
      }
    }
  }

  private boolean runOne(QueueWindow.Entry entry) {
    try {
      subscription.listener().onMessage(entry.message());
    } catch (Throwable e) { // whatever a listener throws is its verdict on the message
      window.failed(entry);
      Duration pause = retryPause(entry.failures());
      log.warn(
          "The listener failed on {}, trying again in {} ms", entry.message(), pause.toMillis(), e);
      context.later(
          pause,
          () -> {
            if (window.restart(entry)) {
              context.listeners().execute(() -> run(entry));
            }
          });
      return false;
    }
    if (window.succeeded(entry)) {
      context.loop().execute(this::pull);
    }
    return true;
  }

  private static Duration retryPause(int failures) {
    int doublings = Math.min(failures - 1, 10);
    Duration pause = LISTENER_RETRY_PAUSE_MIN.multipliedBy(1L << doublings);
    return pause.compareTo(LISTENER_RETRY_PAUSE_MAX) < 0 ? pause : LISTENER_RETRY_PAUSE_MAX;
  }

  private <T> CompletableFuture<T> call(
      int code, CommandHeader header, Duration timeout, ResponseReader<T> reader) {
    return leader()
        .thenCompose(
            address ->
                context
                    .client()
                    .transport()
                    .call(address, Request.of(code, header, timeout), reader));
  }

  private CompletableFuture<String> leader() {
    return context
        .client()
        .routes()
        .route(queue.topic())
        .thenApply(
            route -> {
              String address = route.addressOf(queue.brokerName());
              if (address == null) {
                throw new TransportException("no address of " + queue.brokerName(), null);
              }
              return address;
            });
  }
}
