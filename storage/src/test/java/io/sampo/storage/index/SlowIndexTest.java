package io.sampo.storage.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index that has to be read or made anew on a thread that others need. */
class SlowIndexTest {
  @TempDir Path folder;

  @Test
  void aPoolOfOneThreadGoesOnWhileAnIndexIsMadeAnew() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch otherWorkIsDone = new CountDownLatch(1);
    IndexRebuild slow =
        segmentBase -> {
          begun.countDown();
          try {
            if (!otherWorkIsDone.await(20, TimeUnit.SECONDS)) {
              throw new AssertionError("the pool does nothing else");
            }
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          throw new IOException("the segment is gone");
        };
    SealedIndex index =
        new SealedIndex(
            new IndexFile(folder.resolve("0.index"), 0, 100), new OpenIndexes(1), slow, null);
    ForkJoinPool pool = new ForkJoinPool(1);
    try {
      ForkJoinTask<Integer> reading = pool.submit(index::queueCount);
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      pool.execute(otherWorkIsDone::countDown);

      assertThatThrownBy(reading::get)
          .isInstanceOf(ExecutionException.class)
          .hasStackTraceContaining("the segment is gone");
    } finally {
      pool.shutdown();
    }
  }
}
