package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdleCheckTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong bytesLeft = new AtomicLong();
  private final IdleCheck check =
      new IdleCheck(channel, Duration.ofSeconds(10), nanos::get, bytesLeft::get);

  @BeforeEach
  void start() {
    channel.freezeTime();
    check.start();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void timePasses(long seconds) {
    for (long passed = 0; passed < seconds; passed++) {
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  @Test
  void aConnectionOverWhichNothingGoesIsClosed() {
    timePasses(9);
    assertThat(channel.isOpen()).isTrue();
    timePasses(1);

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whatIsReceivedOrAnsweredKeepsItOpen() {
    timePasses(9);
    check.active();
    timePasses(9);
    assertThat(channel.isOpen()).isTrue();
    timePasses(1);

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void anAnswerThatTheClientTakesSlowlyKeepsItOpenAndOneThatItDoesNotTakeDoesNot() {
    bytesLeft.set(1000);
    check.active();
    for (int i = 0; i < 50; i++) {
      timePasses(1);
      bytesLeft.addAndGet(-10);
    }
    assertThat(channel.isOpen()).isTrue();
    timePasses(20);

    assertThat(channel.isOpen()).isFalse();
  }
}
