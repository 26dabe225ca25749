package io.sampo.cluster.replication;

import io.sampo.storage.log.LogFullException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A real log before or after any of whose writes the power may fail, and whose disk may be full.
 */
final class FailingReplicaLog {
  /** The process ends here. */
  static final class PowerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final Set<String> NEED_ROOM =
      Set.of(
          "persist",
          "beginEpoch",
          "appendMembership",
          "appendFrames",
          "reserve",
          "cutTo",
          "resetTo",
          "dropBelow");
  private static final Set<String> OTHER_WRITES = Set.of("append", "endBatch", "flush", "giveUp");

  private static final Duration INDEX_WRITTEN_MAX = Duration.ofSeconds(20);

  private final ReplicaLog real;
  private final Map<String, Integer> calls = new TreeMap<>();
  private int stepsToFailure = Integer.MAX_VALUE;
  private boolean full;

  FailingReplicaLog(ReplicaLog real) {
    this.real = real;
  }

  /** The power fails when so many writes more have begun or ended. */
  void failAfter(int steps) {
    stepsToFailure = steps;
  }

  void full(boolean isFull) {
    full = isFull;
  }

  /** How often each kind of write was done. */
  Map<String, Integer> calls() {
    return calls;
  }

  ReplicaLog asLog() {
    return (ReplicaLog)
        Proxy.newProxyInstance(
            ReplicaLog.class.getClassLoader(),
            new Class<?>[] {ReplicaLog.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  private @Nullable Object call(Method method, @Nullable Object[] arguments) throws Throwable {
    String name = method.getName();
    boolean needsRoom = NEED_ROOM.contains(name);
    boolean writes = needsRoom || OTHER_WRITES.contains(name);
    if (writes) {
      step();
    }
    if (needsRoom && full) {
      throw new LogFullException("no room for " + name);
    }
    Object result = done(method, arguments);
    if (writes) {
      calls.merge(name, 1, Integer::sum);
      step();
    }
    return result;
  }

  private @Nullable Object done(Method method, @Nullable Object[] arguments) throws Throwable {
    long deadlineNanos = System.nanoTime() + INDEX_WRITTEN_MAX.toNanos();
    while (true) {
      try {
        return method.invoke(real, arguments);
      } catch (InvocationTargetException e) {
        Throwable failure = e.getTargetException();
        boolean awaitsIndex =
            failure instanceof LogFullException && method.getName().equals("dropBelow");
        if (!awaitsIndex || System.nanoTime() > deadlineNanos) {
          throw failure;
        }
        Thread.onSpinWait(); // written by a thread that a seed doesn't rule
      }
    }
  }

  private void step() {
    stepsToFailure--;
    if (stepsToFailure == 0) {
      throw new PowerFailure();
    }
  }
}
