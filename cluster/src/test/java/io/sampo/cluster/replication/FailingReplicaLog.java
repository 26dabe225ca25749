package io.sampo.cluster.replication;

import io.sampo.storage.log.LogFullException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
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
          "resetTo");
  private static final Set<String> OTHER_WRITES = Set.of("append", "endBatch", "flush", "giveUp");

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
    Object result;
    try {
      result = method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
    if (writes) {
      calls.merge(name, 1, Integer::sum);
      step();
    }
    return result;
  }

  private void step() {
    stepsToFailure--;
    if (stepsToFailure == 0) {
      throw new PowerFailure();
    }
  }
}
