package io.sampo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import io.sampo.wire.CommandHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When an address is connected to, with a clock and a network of the test's own. */
class EndpointTest {
  private final AtomicLong nowNanos = new AtomicLong();
  private final List<CompletableFuture<Connection>> attempts = new ArrayList<>();
  private final Endpoint endpoint =
      new Endpoint(
          "h:1",
          () -> {
            CompletableFuture<Connection> attempt = new CompletableFuture<>();
            attempts.add(attempt);
            return attempt;
          },
          nowNanos::get);

  private CompletableFuture<Boolean> send() {
    PendingRequest<Boolean> request =
        new PendingRequest<>(
            "h:1", Request.of(1, CommandHeader.NONE, Duration.ofSeconds(1)), ResponseReader.DONE);
    endpoint.send(request);
    return request.future();
  }

  private static EmbeddedChannel connect(CompletableFuture<Connection> attempt) {
    EmbeddedChannel channel = new EmbeddedChannel();
    Connection connection = new Connection("h:1", channel, command -> {});
    channel.pipeline().addLast(connection);
    attempt.complete(connection);
    return channel;
  }

  @Test
  void requestsWaitForTheOneAttemptThatIsUnderWay() {
    send();
    send();
    assertThat(attempts).hasSize(1);

    EmbeddedChannel channel = connect(attempts.get(0));

    assertThat(channel.outboundMessages()).hasSize(2);
    send();
    assertThat(attempts).hasSize(1);
    assertThat(channel.outboundMessages()).hasSize(3);
    channel.finishAndReleaseAll();
  }

  @Test
  void afterAFailureRequestsFailAtOnceUntilABackOffThatGrowsToFiveSeconds() {
    long backOffMs = 100;
    for (int round = 0; round < 10; round++) {
      CompletableFuture<Boolean> first = send();
      attempts.get(round).completeExceptionally(new java.net.ConnectException("refused"));
      assertThat(first).isCompletedExceptionally();

      nowNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(backOffMs * 3 / 4) - 1);
      assertThatThrownBy(() -> send().getNow(false)).hasMessageContaining("a moment ago");
      assertThat(attempts).hasSize(round + 1);

      nowNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(backOffMs / 4) + 1);
      backOffMs = Math.min(2 * backOffMs, 5_000);
    }
    send();
    EmbeddedChannel channel = connect(attempts.get(10));
    channel.finishAndReleaseAll();
    send(); // lost and not refused: tried again without a back-off
    assertThat(attempts).hasSize(12);
  }

  @Test
  void aLostConnectionFailsItsRequestsAndLaterOnesUseANewOne() {
    CompletableFuture<Boolean> pending = send();
    EmbeddedChannel channel = connect(attempts.get(0));
    channel.finishAndReleaseAll();

    assertThatThrownBy(() -> pending.getNow(false)).hasMessageContaining("lost");
    send();
    assertThat(attempts).hasSize(2);
  }

  @Test
  void aClosedEndpointClosesAConnectionThatIsMadeTooLate() {
    CompletableFuture<Boolean> pending = send();
    endpoint.close();
    EmbeddedChannel channel = connect(attempts.get(0));
    channel.runPendingTasks();

    assertThat(channel.isOpen()).isFalse();
    assertThat(pending).isCompletedExceptionally();
    assertThatThrownBy(() -> send().getNow(false)).hasMessageContaining("closed");
    channel.finishAndReleaseAll();
  }
}
