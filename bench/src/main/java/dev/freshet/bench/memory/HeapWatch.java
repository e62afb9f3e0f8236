package dev.freshet.bench.memory;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.concurrent.locks.LockSupport;

/** Looks at this process's heap again and again, and remembers the most. */
final class HeapWatch {
  private static final long PAUSE_NANOS = 20_000_000;

  private volatile long used;
  private volatile long survived;

  void start() {
    Thread.ofPlatform().daemon().name("heap-watch").start(this::watch);
  }

  private void watch() {
    while (true) {
      used = Math.max(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
      long live = 0;
      for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
        MemoryUsage afterCollection = pool.getCollectionUsage();
        if (pool.getType() == MemoryType.HEAP && afterCollection != null) {
          live += afterCollection.getUsed();
        }
      }
      survived = Math.max(survived, live);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** The most bytes in use, garbage included. */
  long used() {
    return used;
  }

  /** The most bytes that a collection left. */
  long survived() {
    return survived;
  }
}
