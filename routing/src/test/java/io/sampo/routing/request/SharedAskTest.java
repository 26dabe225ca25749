package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedAskTest {
  private final SharedAsk<String, String> ask = new SharedAsk<>(3);
  private final List<String> received = new ArrayList<>();
  private final CompletableFuture<String> answer = new CompletableFuture<>();
  private int questions;

  private CompletionStage<String> question() {
    questions++;
    return answer;
  }

  @Test
  void oneQuestionAnswersAllInTheirOrder() {
    for (int i = 0; i < 3; i++) {
      String name = "r" + i + "=";
      ask.ask("key", this::question, text -> received.add(name + text));
    }
    assertThat(ask.isAsking("key")).isTrue();
    assertThat(ask.isAsking("other")).isFalse();
    answer.complete("x");

    assertThat(received).containsExactly("r0=x", "r1=x", "r2=x");
    assertThat(questions).isEqualTo(1);
    assertThat(ask.isAsking("key")).isFalse();
  }

  @Test
  void aFailedQuestionHasNoAnswer() {
    ask.ask("key", this::question, text -> received.add("got " + text));
    answer.completeExceptionally(new IllegalStateException("nobody there"));

    assertThat(received).containsExactly("got null");
    assertThat(ask.isAsking("key")).isFalse();
  }

  @Test
  void aQuestionThatCannotBeAskedHasNoAnswer() {
    assertThatThrownBy(
            () ->
                ask.ask(
                    "key",
                    () -> {
                      throw new IllegalStateException("no question");
                    },
                    text -> received.add("got " + text)))
        .hasMessage("no question");

    assertThat(received).containsExactly("got null");
    assertThat(ask.isAsking("key")).isFalse();
  }

  @Test
  void moreThanMayWaitHaveNoAnswerAndRoomIsUsedAgain() {
    for (int i = 0; i < 4; i++) {
      ask.ask("key" + i, this::question, text -> received.add("got " + text));
    }
    assertThat(received).containsExactly("got null");
    answer.complete("x");
    assertThat(received).hasSize(4);

    ask.ask("more", this::question, text -> received.add("more " + text));
    assertThat(received).endsWith("more x");
  }

  @Test
  void oneReceiverThatThrowsDoesNotHurtTheOthers() {
    ask.ask(
        "key",
        this::question,
        text -> {
          throw new IllegalStateException("can't take it");
        });
    ask.ask("key", this::question, text -> received.add("got " + text));
    answer.complete("x");

    assertThat(received).containsExactly("got x");
  }

  @Test
  void underContentionEverybodyIsAnsweredOnce() throws InterruptedException {
    SharedAsk<String, Integer> busy = new SharedAsk<>(1_000_000);
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    ConcurrentLinkedQueue<CompletableFuture<Integer>> open = new ConcurrentLinkedQueue<>();
    int threads = 4;
    int rounds = 5000;
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      new Thread(
              () -> {
                for (int i = 0; i < rounds; i++) {
                  busy.ask(
                      "key" + i % 3,
                      () -> {
                        CompletableFuture<Integer> promise = new CompletableFuture<>();
                        open.add(promise);
                        return promise;
                      },
                      value -> answered.incrementAndGet());
                  CompletableFuture<Integer> next = open.poll();
                  if (next != null) {
                    next.complete(asked.incrementAndGet());
                  }
                }
                done.countDown();
              })
          .start();
    }
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    open.forEach(promise -> promise.complete(0));

    assertThat(answered).hasValue(threads * rounds);
  }
}
