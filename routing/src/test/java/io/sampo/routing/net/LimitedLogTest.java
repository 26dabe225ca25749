package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LimitedLogTest {
  @Test
  void oneLineASecondSaysHowManyWereLeftOut() {
    Logger logger = (Logger) LoggerFactory.getLogger("limited");
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // the clock may wrap around
    LimitedLog limited = new LimitedLog(logger, nanos::get);

    for (int i = 0; i < 10; i++) {
      limited.log(org.slf4j.event.Level.INFO, "bad input {}", i);
      limited.log(org.slf4j.event.Level.DEBUG, "not even enabled");
    }
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    limited.log(org.slf4j.event.Level.INFO, "bad input {}", 10);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    limited.log(org.slf4j.event.Level.INFO, "bad input {}", 11);

    assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
        .containsExactly("bad input 0", "bad input 10 (and 9 lines like it)", "bad input 11");
  }
}
